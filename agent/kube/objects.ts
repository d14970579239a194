import type { KubeObject, ManagedFields, ObjectRef } from '../../core/objects/object.ts';
import { applyType, type Http, type HttpAnswer } from './http.ts';
import { objectPath } from './paths.ts';
import {
  type ApplyOptions,
  type ApplyResult,
  type CallOptions,
  type DeleteOptions,
  KubeError,
  type NamespacedName,
  type Resource,
} from './port.ts';

/** Reads one object; null where there is none. */
export async function getObject(
  http: Http,
  resource: Resource,
  name: NamespacedName,
  options: CallOptions = {},
): Promise<KubeObject | null> {
  const { signal, as } = options;
  const path = objectPath(resource, name);
  const answer = await found(http.call({ method: 'GET', path, signal, as, object: refTo(resource, name) }));
  return answer === null ? null : (answer.body as KubeObject);
}

/**
 * Server-side apply as field manager `fairway` (A3). An apply whose answer was lost is sent again, and then reports
 * as changed what it created.
 * @throws KubeError `invalid` for an object without a name, or without the namespace that its kind needs.
 */
export async function applyObject(
  http: Http,
  manager: string,
  resource: Resource,
  object: KubeObject,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const target = {
    namespace: resource.namespaced ? (object.metadata.namespace ?? '') : '',
    name: object.metadata.name,
  };
  const ref = refTo(resource, target);
  if (!target.name) throw lacking('name', ref);
  if (resource.namespaced && target.namespace === '') throw lacking('namespace', ref);
  const answer = await http.call({
    method: 'PATCH',
    path: objectPath(resource, target),
    query: {
      fieldManager: manager,
      force: options.force === true,
      fieldValidation: 'Strict', // A misspelt field is refused, not dropped; servers before 1.25 do not know the word.
      dryRun: options.dryRun === true ? 'All' : undefined,
    },
    body: { type: applyType, value: object },
    signal: options.signal,
    as: options.as,
    object: ref,
  });
  return { object: answer.body as KubeObject, created: answer.status === 201 };
}

/**
 * Replaces an object's managed fields. The version goes with it, so that nobody's ownership of a later change is lost.
 * @throws KubeError `conflict` where the object has changed since.
 */
export async function replaceOwners(
  http: Http,
  resource: Resource,
  name: NamespacedName,
  { managedFields, resourceVersion }: { managedFields: readonly ManagedFields[]; resourceVersion: string },
  { signal, as }: CallOptions = {},
): Promise<void> {
  const path = objectPath(resource, name);
  const body = { type: 'application/merge-patch+json', value: { metadata: { managedFields, resourceVersion } } };
  await http.call({ method: 'PATCH', path, body, signal, as, object: refTo(resource, name) });
}

/**
 * Deletes one object.
 * @returns false where it was gone already
 * @throws KubeError `conflict` where `uid` no longer fits.
 */
export async function deleteObject(
  http: Http,
  resource: Resource,
  name: NamespacedName,
  options: DeleteOptions = {},
): Promise<boolean> {
  const { propagation = 'Background', uid, signal, as } = options;
  const value = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: propagation,
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  };
  const path = objectPath(resource, name);
  const body = { type: 'application/json', value };
  return (await found(http.call({ method: 'DELETE', path, body, signal, as, object: refTo(resource, name) }))) !== null;
}

async function found(call: Promise<HttpAnswer>): Promise<HttpAnswer | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof KubeError && error.code === 'not-found') return null;
    throw error;
  }
}

function refTo(resource: Resource, { namespace, name }: NamespacedName): ObjectRef {
  return { group: resource.group, kind: resource.kind, namespace: resource.namespaced ? namespace : '', name };
}

function lacking(field: 'name' | 'namespace', object: ObjectRef): KubeError {
  return new KubeError('invalid', `${object.kind} ${object.name || '(no name)'}: metadata.${field} is required`, {
    causes: [{ reason: 'FieldValueRequired', message: 'required', field: `metadata.${field}` }],
    object,
  });
}
