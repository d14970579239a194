/** Kubernetes objects, and how they are named throughout Fairway. */

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMetadata;
  [field: string]: unknown;
}

interface ObjectMetadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  managedFields?: ManagedFields[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  [field: string]: unknown;
}

export interface ManagedFields {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** Names one object in one cluster, whatever version of its API it is read in. */
export interface ObjectRef {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
}

/** The label that names the one application that owns an object (A12). */
export const ownerLabel = 'fairway.dev/application';
/** The field manager of every write of an agent (A3). */
export const fieldManager = 'fairway';

/** The group of an `apiVersion`: `apps/v1` → `apps`, `v1` → the empty text. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** @param namespace that of the object where its manifest names none; empty for a cluster-scoped kind. */
export function refOf(object: KubeObject, namespace = object.metadata.namespace ?? ''): ObjectRef {
  return { group: groupOf(object.apiVersion), kind: object.kind, namespace, name: object.metadata.name };
}

/** Each look at an application asks for the keys of all its objects several times over. */
const keys = new WeakMap<ObjectRef, string>();

/** A text that is equal for equal references, for maps and sets: `apps/Deployment/shop/web`, `/Namespace//shop`. */
export function refKey(ref: ObjectRef): string {
  const known = keys.get(ref);
  if (known !== undefined) return known;
  const key = keyFrom(ref, ref);
  keys.set(ref, key);
  return key;
}

/** The same text for an object of which no reference is kept. @param kind as which it is served */
export function objectKey({ metadata }: KubeObject, kind: { readonly group: string; readonly kind: string }): string {
  return keyFrom(kind, { namespace: metadata.namespace ?? '', name: metadata.name });
}

function keyFrom(
  { group, kind }: Pick<ObjectRef, 'group' | 'kind'>,
  of: Pick<ObjectRef, 'namespace' | 'name'>,
): string {
  return `${group}/${kind}/${of.namespace}/${of.name}`;
}

/** For people: `Deployment shop/web`, `Widget.example.com shop/w`. */
export function describeRef(ref: ObjectRef): string {
  const kind =
    ref.group === '' || ref.group === 'apps' || ref.group.endsWith('.k8s.io') ? ref.kind : `${ref.kind}.${ref.group}`;
  return `${kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name}`;
}

/** The two kinds whose values are never shown (A11). */
export function isSecret(ref: { readonly group: string; readonly kind: string }): boolean {
  return ref.group === '' && ref.kind === 'Secret';
}
