import { canonicalJson } from '../../core/canonical.ts';
import { fromPointer } from '../../core/fields/pointer.ts';
import { ApiError, badRequest } from '../api/error.ts';
import { isMap } from '../schema/type.ts';

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/**
 * RFC 6902.
 * @throws ApiError 400 for what is no patch, 422 where it does not fit the object
 */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations');
  const document = { root: structuredClone(target) };
  for (const operation of patch as Operation[]) perform(document, operation);
  return document.root;
}

function perform(document: { root: unknown }, operation: Operation): void {
  const { op, path, from = '', value } = operation;
  if (typeof path !== 'string') throw badRequest('an operation of a JSON patch lacks its path');
  switch (op) {
    case 'add':
      add(document, path, structuredClone(value));
      return;
    case 'remove':
      remove(document, path);
      return;
    case 'replace':
      read(document, path, 'replace');
      if (path === '') document.root = structuredClone(value);
      else put(document, path, structuredClone(value));
      return;
    case 'move':
      add(document, path, remove(document, from));
      return;
    case 'copy':
      add(document, path, structuredClone(read(document, from, 'copy')));
      return;
    case 'test':
      if (canonicalJson(read(document, path, 'test') ?? null) !== canonicalJson(value ?? null)) {
        throw refused(`testing path ${path} failed`);
      }
      return;
    default:
      throw badRequest(`Unexpected kind: ${op}`);
  }
}

function parentOf(document: { root: unknown }, path: string): { parent: unknown; last: string } {
  const segments = fromPointer(path);
  const last = segments.pop() ?? '';
  let parent = document.root;
  for (const segment of segments) parent = child(parent, segment);
  return { parent, last };
}

function child(value: unknown, segment: string): unknown {
  if (Array.isArray(value)) return value[Number(segment)];
  return isMap(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
}

function read(document: { root: unknown }, path: string, op: string): unknown {
  if (path === '') return document.root;
  const { parent, last } = parentOf(document, path);
  const value = child(parent, last);
  if (value === undefined && op !== 'test')
    throw refused(`${op} operation does not apply: doc is missing key: ${path}`);
  return value;
}

function add(document: { root: unknown }, path: string, value: unknown): void {
  if (path === '') {
    document.root = value;
    return;
  }
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) {
      throw refused(`add operation does not apply: invalid index ${path}`);
    }
    parent.splice(index, 0, value);
  } else if (isMap(parent)) parent[last] = value;
  else throw refused(`add operation does not apply: doc is missing path: "${path}"`);
}

function put(document: { root: unknown }, path: string, value: unknown): void {
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isMap(parent)) parent[last] = value;
}

function remove(document: { root: unknown }, path: string): unknown {
  const removed = read(document, path, 'remove');
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isMap(parent)) delete parent[last];
  return removed;
}

function refused(why: string): ApiError {
  return new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {});
}
