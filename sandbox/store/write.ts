import { canonicalJson } from '../../core/canonical.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { alreadyExists, badRequest, conflict, internal, invalid, notFound, staleVersion } from '../api/error.ts';
import { typedErrors } from '../fields/check-typed.ts';
import { type Managers, readManagers, type Writer, writeManagers } from '../fields/managers.ts';
import { applyOwned, updateOwned } from '../fields/own.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { checkObject } from '../kinds/validation/check.ts';
import { isMap, type JsonMap } from '../schema/type.ts';
import { admitNew } from './admit.ts';
import { type Context, generatedName, type Target, timestamp, type WriteOptions, type Written } from './context.ts';
import { checkIdentity, decodeBody } from './decode.ts';
import { prepareChanged, prepareNew } from './prepare.ts';
import { objectKey, objectsOf, put, take } from './state.ts';

/** How the owners of fields come out of a write, given the object as it is about to be stored. */
type Own = (object: KubeObject) => Managers;

export function findObject({ state }: Context, { kind, namespace, name }: Target): KubeObject | null {
  return objectsOf(state, kind).get(objectKey(kind.namespaced ? namespace : '', name)) ?? null;
}

/** Stores a new object. @throws ApiError */
export function createObject(context: Context, target: Target, body: unknown, options: WriteOptions): Written {
  const { kind } = target;
  const candidate = decodeBody(target, body, options);
  const { generateName } = candidate.metadata;
  const name =
    candidate.metadata.name || (generateName === undefined ? '' : generatedName(String(generateName), context.random));
  const named = { ...target, name };
  admitNew(context.state, target.kind, target.namespace, name);
  if (candidate.metadata.resourceVersion !== undefined) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  if (name !== '' && findObject(context, named) !== null) throw alreadyExists(target.kind, name);
  const writer = writerOf(target, options, 'Update');
  const own: Own = (object) =>
    updateOwned(kind.type, null, ownedThrough(kind, object, options), new Map(), writer, timestamp(context.now()));
  return finish(context, named, null, { ...candidate, metadata: { ...candidate.metadata, name } }, own, options);
}

/** Replaces an object. @throws ApiError */
export function updateObject(context: Context, target: Target, body: unknown, options: WriteOptions): Written {
  const before = existing(context, target);
  const candidate = decodeBody(target, body, options);
  if (target.kind.custom !== null && candidate.metadata.resourceVersion === undefined) {
    const message = 'Invalid value: 0x0: must be specified for an update';
    throw invalid(target.kind, target.name, [
      { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
    ]);
  }
  return replace(context, target, before, candidate, options);
}

/** Changes an object by what `change` makes of it. @throws ApiError */
export function patchObject(
  context: Context,
  target: Target,
  change: (object: JsonMap, kind: Kind) => unknown,
  options: WriteOptions,
): Written {
  const before = existing(context, target);
  const patched = change(before as JsonMap, target.kind);
  if (!isMap(patched)) throw badRequest('a patch made no object');
  return replace(context, target, before, decodeBody(target, patched, options), options);
}

/** Server-side apply. @throws ApiError */
export function applyObject(
  context: Context,
  target: Target,
  body: unknown,
  options: WriteOptions & { readonly force?: boolean },
): Written {
  const { kind, version, namespace, name } = target;
  const applied = checkApplied(target, body, options);
  const before = findObject(context, target);
  if (before === null) admitNew(context.state, kind, namespace, name);
  else checkPreconditions(kind, before, applied.metadata);
  if (before === null && applied.metadata.uid !== undefined) {
    throw conflict(
      kind,
      name,
      `uid mismatch: the provided object specified uid ${applied.metadata.uid}, and no existing object was found`,
    );
  }
  const { force = false, subresource } = options;
  const config = withoutUnowned(kind, applied, subresource);
  const live = before === null ? null : (inVersion(before, kind, version) as KubeObject);
  const { managedFields: _, ...metadata } = live?.metadata ?? { name };
  const bare = live === null ? null : { ...live, metadata };
  const time = timestamp(context.now());
  const writer = writerOf(target, options, 'Apply');
  const owned = applyOwned(kind.type, bare, config, managersOf(before, target, time), writer, { force, time });
  const candidate = decodeBody(target, owned.object, options);
  return finish(context, target, before, candidate, () => owned.managers, options);
}

function replace(
  context: Context,
  target: Target,
  before: KubeObject,
  candidate: KubeObject,
  options: WriteOptions,
): Written {
  const { kind } = target;
  checkPreconditions(kind, before, candidate.metadata);
  const writer = writerOf(target, options, 'Update');
  const time = timestamp(context.now());
  const given = Array.isArray(candidate.metadata.managedFields) ? candidate : before;
  const own: Own = (object) => {
    const { managedFields: _, ...metadata } = before.metadata;
    const bare = ownedThrough(kind, { ...inVersion(before, kind, target.version), metadata }, options);
    return updateOwned(kind.type, bare, ownedThrough(kind, object, options), readManagers(given), writer, time);
  };
  return finish(context, target, before, candidate, own, options);
}

/** An object without the status, which nobody comes to own but through the status's own door. */
function ownedThrough(kind: Kind, object: KubeObject, { subresource }: WriteOptions): KubeObject {
  if (!kind.status || subresource === 'status') return object;
  const { status: _, ...rest } = object;
  return rest as KubeObject;
}

/** The last part of every write: defaults, checks, owners; and the new object is stored where it differs. */
function finish(
  context: Context,
  target: Target,
  before: KubeObject | null,
  candidate: KubeObject,
  own: Own,
  options: WriteOptions,
): Written {
  const { kind } = target;
  const object =
    before === null
      ? prepareNew(context, target, candidate)
      : prepareChanged(context, target, before, candidate, options.subresource);
  if (options.subresource !== 'status') {
    const causes = checkObject(kind, object, before);
    if (causes.length > 0) throw invalid(kind, target.name, causes);
  }
  const managedFields = writeManagers(own(object));
  if (managedFields.length > 0) object.metadata.managedFields = managedFields;
  if (before !== null && sameObject(before, object)) return { object: before, created: false };
  const created = before === null;
  if (options.dryRun === true) {
    const version = before?.metadata.resourceVersion;
    if (version !== undefined) object.metadata.resourceVersion = version;
    return { object, created };
  }
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  const gone = deletionTimestamp !== undefined && finalizers.length === 0 && !hasContentFinalizer(object);
  return { object: (gone ? take : put)(context.state, kind, object), created };
}

/** A namespace is held by `spec.finalizers` besides those of its metadata. */
export function hasContentFinalizer({ apiVersion, kind, spec }: KubeObject): boolean {
  return (
    apiVersion === 'v1' &&
    kind === 'Namespace' &&
    isMap(spec) &&
    Array.isArray(spec.finalizers) &&
    spec.finalizers.length > 0
  );
}

function sameObject(before: KubeObject, object: KubeObject): boolean {
  const { resourceVersion: _, ...metadata } = before.metadata;
  return canonicalJson({ ...before, metadata }) === canonicalJson({ ...object, apiVersion: object.apiVersion });
}

function existing(context: Context, target: Target): KubeObject {
  const found = findObject(context, target);
  if (found === null) throw notFound(target.kind, target.name);
  return found;
}

function checkPreconditions(
  kind: Kind,
  before: KubeObject,
  metadata: { uid?: string; resourceVersion?: string },
): void {
  const { name, uid, resourceVersion } = before.metadata;
  if (metadata.uid !== undefined && metadata.uid !== uid) {
    throw conflict(kind, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`);
  }
  const wanted = metadata.resourceVersion;
  if (wanted !== undefined && wanted !== '' && wanted !== resourceVersion) throw staleVersion(kind, name);
}

function checkApplied(target: Target, body: unknown, options: WriteOptions): KubeObject {
  const { kind, version, namespace, name } = target;
  if (!options.fieldManager) {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  if (!isMap(body)) throw badRequest('an applied object is a JSON or YAML object');
  checkIdentity(target, body);
  const metadata = isMap(body.metadata) ? body.metadata : {};
  if (metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil');
  const object = { ...body, apiVersion: apiVersionOf(kind, version), kind: kind.kind } as JsonMap;
  const errors = typedErrors(kind.type, object);
  if (errors.length > 0) {
    const list = errors.length === 1 ? errors[0] : `errors:\n${errors.map((error) => `  ${error}`).join('\n')}`;
    const what = `${namespace === '' ? '' : namespace}/${name}; ${apiVersionOf(kind, version)}, Kind=${kind.kind}`;
    throw internal(`failed to create typed patch object (${what}): ${list}`);
  }
  return {
    ...object,
    metadata: { ...metadata, name, ...(kind.namespaced ? { namespace } : {}) },
  } as unknown as KubeObject;
}

/** Leaves out of an applied object what this door does not write: nobody comes to own it through here. */
function withoutUnowned(kind: Kind, applied: KubeObject, subresource: WriteOptions['subresource']): KubeObject {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, generation: ____, ...metadata } = applied.metadata;
  const { status, ...rest }: JsonMap = { ...applied, metadata };
  if (subresource === 'status') {
    const { apiVersion, kind: name } = applied;
    return { apiVersion, kind: name, metadata: { name: metadata.name }, ...(status === undefined ? {} : { status }) };
  }
  return (kind.status || status === undefined ? rest : { ...rest, status }) as KubeObject;
}

/** What stood in an object before anybody was recorded belongs to `before-first-apply`. */
function managersOf(before: KubeObject | null, target: Target, time: string): Managers {
  const managers = readManagers(before);
  if (before === null || managers.size > 0) return managers;
  const writer: Writer = {
    manager: 'before-first-apply',
    operation: 'Update',
    apiVersion: before.apiVersion,
    subresource: '',
  };
  return updateOwned(target.kind.type, null, before, managers, writer, time);
}

function writerOf({ kind, version }: Target, options: WriteOptions, operation: Writer['operation']): Writer {
  return {
    manager: options.fieldManager ?? 'unknown',
    operation,
    apiVersion: options.subresource === 'scale' ? 'autoscaling/v1' : apiVersionOf(kind, version),
    subresource: options.subresource ?? '',
  };
}

/** An object in another version of its kind: where there is no conversion, only its name changes. */
export function inVersion(object: KubeObject, kind: Kind, version: string): KubeObject {
  const apiVersion = apiVersionOf(kind, version);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
