import type { KubeObject } from '../../core/objects/object.ts';
import { ApiError, badRequest, methodNotAllowed, noSuchResource, notFound } from '../api/error.ts';
import type { Kind } from '../kinds/kind.ts';
import { jsonPatch } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import type { Target, WriteOptions, Written } from '../store/context.ts';
import type { Patch } from '../store.ts';
import { parseBody, readBody } from './body.ts';
import { type Exchange, send } from './exchange.ts';
import { type Form, negotiate } from './negotiate.ts';
import { deleteOptions, isTrue, listRequest, writeOptions } from './options.ts';
import type { ResourcePath } from './route.ts';
import { scaled, scaleOf } from './scale.ts';
import { shownObject, shownPage, type View } from './shown.ts';
import { includeOf, streamWatch } from './watch-stream.ts';

/** Answers a request for the objects of a kind. @throws ApiError */
export async function answerResource(exchange: Exchange, path: ResourcePath): Promise<void> {
  const { store, request, query } = exchange;
  const kind = store.kindOf(path.group, path.version, path.plural);
  if (kind === null || (path.namespace !== '' && !kind.namespaced)) throw noSuchResource();
  const target: Target = { kind, version: path.version, namespace: path.namespace, name: path.name };
  const form = negotiate(request.headers.accept, ['table', 'metadata', 'metadata-list']);
  if (form === null) throw notAcceptable();
  if (path.subresource !== '') checkSubresource(kind, path.subresource);
  const method = request.method ?? 'GET';
  if (path.name === '') {
    if (method === 'GET' && isTrue(query, 'watch')) return streamWatch(exchange, kind, path.version, path, form);
    if (method === 'GET') return list(exchange, target, form);
    if (method === 'POST') return create(exchange, target, form);
    if (method === 'DELETE') return deleteCollection(exchange, target, form);
    throw methodNotAllowed();
  }
  if (kind.namespaced && path.namespace === '') throw noSuchResource();
  switch (method) {
    case 'GET':
      if (isTrue(query, 'watch')) return streamWatch(exchange, kind, path.version, path, form);
      return get(exchange, target, path.subresource, form);
    case 'PUT':
      return write(exchange, target, path.subresource, form, null);
    case 'PATCH':
      return write(exchange, target, path.subresource, form, patchType(request.headers['content-type'] ?? ''));
    case 'DELETE':
      return remove(exchange, target, form);
    default:
      throw methodNotAllowed();
  }
}

function checkSubresource(kind: Kind, subresource: string): void {
  const known = (subresource === 'status' && kind.status) || (subresource === 'scale' && kind.scale !== null);
  if (!known && !(subresource === 'finalize' && kind.plural === 'namespaces')) throw noSuchResource();
}

type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

function patchType(contentType: string): PatchType {
  switch (contentType.split(';')[0]?.trim()) {
    case 'application/json-patch+json':
      return 'json';
    case 'application/merge-patch+json':
      return 'merge';
    case 'application/strategic-merge-patch+json':
      return 'strategic';
    case 'application/apply-patch+yaml':
      return 'apply';
    default:
      throw unsupportedPatch(contentType);
  }
}

function unsupportedPatch(contentType: string): ApiError {
  const known = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${contentType}) - accepted media types include: ${known}`,
  );
}

function notAcceptable(): ApiError {
  return new ApiError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
}

function list(exchange: Exchange, target: Target, form: Form): void {
  const page = exchange.store.list(target.kind, listRequest(exchange.query, target.namespace));
  send(exchange, 200, shownPage(page, target, viewOf(exchange, form)));
}

function get(exchange: Exchange, target: Target, subresource: string, form: Form): void {
  const object = exchange.store.get(target);
  if (object === null) throw notFound(target.kind, target.name);
  sendObject(exchange, 200, target, object, subresource, form);
}

async function create(exchange: Exchange, target: Target, form: Form): Promise<void> {
  const body = await bodyOf(exchange);
  if (target.kind.namespaced && target.namespace === '') throw methodNotAllowed();
  const { object } = exchange.store.create(target, body, optionsOf(exchange));
  sendObject(exchange, 201, target, object, '', form);
}

async function write(
  exchange: Exchange,
  target: Target,
  subresource: string,
  form: Form,
  patch: PatchType | null,
): Promise<void> {
  const { kind } = target;
  const body = await bodyOf(exchange);
  const options = optionsOf(exchange);
  const part: WriteOptions =
    subresource === 'status' || subresource === 'scale' ? { ...options, subresource } : options;
  const written =
    subresource === 'scale'
      ? writeScale(exchange, target, patch, body, part)
      : patch === null
        ? exchange.store.update(target, body, part)
        : writePatch(exchange, target, patch, body, part);
  sendObject(exchange, written.created ? 201 : 200, { ...target, kind }, written.object, subresource, form);
}

function writePatch(
  { store, query }: Exchange,
  target: Target,
  type: PatchType,
  value: unknown,
  options: WriteOptions,
): Written {
  if (type === 'apply') {
    const { fieldManager: _, ...rest } = options;
    const manager = query.get('fieldManager');
    return store.apply(target, value, {
      ...rest,
      ...(manager ? { fieldManager: manager } : {}),
      force: isTrue(query, 'force'),
    });
  }
  if (type === 'strategic' && target.kind.custom !== null)
    throw unsupportedPatch('application/strategic-merge-patch+json');
  const patch: Patch = { type, value };
  return store.patch(target, patch, options);
}

function writeScale(
  { store }: Exchange,
  target: Target,
  type: PatchType | null,
  value: unknown,
  options: WriteOptions,
): Written {
  const paths = target.kind.scale;
  if (paths === null) throw noSuchResource();
  const change = (object: Record<string, unknown>) => {
    const scale = scaleOf(object as KubeObject, paths);
    const bare = { ...scale, metadata: { name: target.name } };
    if (type === null) return scaled(object, paths, value);
    return scaled(object, paths, type === 'json' ? jsonPatch(bare, value) : mergePatch(bare, value));
  };
  return store.patch(target, { type: 'change', change }, options);
}

async function remove(exchange: Exchange, target: Target, form: Form): Promise<void> {
  const options = deleteOptions(exchange.query, await bodyOf(exchange));
  const { object, gone } = exchange.store.delete(target, options);
  if (!gone) return sendObject(exchange, 200, target, object, '', form);
  const { kind, name } = target;
  const details = {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.plural,
    uid: object.metadata.uid,
  };
  send(exchange, 200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

async function deleteCollection(exchange: Exchange, target: Target, form: Form): Promise<void> {
  const options = deleteOptions(exchange.query, await bodyOf(exchange));
  const page = exchange.store.list(target.kind, listRequest(exchange.query, target.namespace));
  for (const { metadata } of page.items) {
    exchange.store.delete({ ...target, namespace: metadata.namespace ?? '', name: metadata.name }, options);
  }
  send(exchange, 200, shownPage(page, target, viewOf(exchange, form)));
}

function sendObject(
  exchange: Exchange,
  status: number,
  target: Target,
  object: KubeObject,
  subresource: string,
  form: Form,
): void {
  send(exchange, status, shownObject(object, target, subresource, viewOf(exchange, form)));
}

function viewOf({ query, now }: Exchange, form: Form): View {
  return { form, include: includeOf(query), now: now() };
}

function optionsOf(exchange: Exchange): WriteOptions {
  const { query, request, warnings } = exchange;
  return writeOptions(query, request.headers['user-agent'] ?? 'unknown', (text) => warnings.push(text));
}

async function bodyOf({ request }: Exchange): Promise<unknown> {
  const body = parseBody(await readBody(request), request.headers['content-type']);
  if (body === undefined && request.method !== 'DELETE') throw badRequest('the request has no body');
  return body;
}
