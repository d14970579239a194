import type { IgnoreRule } from './bundle.ts';
import { canonicalJson, type Digest, digestOf } from './canonical.ts';
import { completeNative } from './native.ts';
import { groupOf, isSecret, type KubeObject, type ObjectRef, ownerLabel, refKey, refOf } from './object.ts';

/** One object as an application wants it in its cluster: labelled, with its namespace, and free of what is not its own. */
export interface Wanted {
  readonly application: string;
  readonly ref: ObjectRef;
  readonly key: string;
  readonly object: KubeObject;
  /** Of the object and of what is ignored in it: equal digests are judged alike. */
  readonly digest: Digest;
  /** JSON pointers of fields left to others, written only at creation (D4). */
  readonly ignored: readonly string[];
  /** JSON pointers of fields that came encrypted: their values are never shown (A11). */
  readonly sealed: readonly string[];
}

/** Metadata that only the server writes. */
const serverOwned = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/**
 * Makes an object of a bundle ready to be applied and compared: the owner's label (A12), the namespace that it leaves
 * out, a Secret's `stringData` as `data`; without status, nulls and what only the server writes.
 * @param namespaced whether the cluster keeps its kind in namespaces
 * @param defaultNamespace for namespaced objects that name none
 * @param sealed JSON pointers of the fields that came encrypted
 */
export function wantedObject(
  manifest: KubeObject,
  application: string,
  namespaced: boolean,
  defaultNamespace: string,
  ignore: readonly IgnoreRule[],
  sealed: readonly string[] = [],
): Wanted {
  const object = withoutNulls(manifest) as KubeObject;
  delete object.status;
  for (const field of serverOwned) delete object.metadata[field];
  object.metadata.labels = { ...object.metadata.labels, [ownerLabel]: application };
  if (namespaced) object.metadata.namespace ??= defaultNamespace;
  else delete object.metadata.namespace;
  completeNative(object);
  const ref = refOf(object);
  if (isSecret(ref) && object.stringData !== undefined) mergeStringData(object);
  const ignored = ignoredFields(ref, ignore);
  const digest = digestOf(canonicalJson(ignored.length === 0 ? object : [object, ignored]));
  return { application, ref, key: refKey(ref), object, digest, ignored, sealed };
}

/** The pointers that the rules leave to others in one object (D4). */
export function ignoredFields(ref: ObjectRef, rules: readonly IgnoreRule[]): readonly string[] {
  return rules
    .filter(
      (rule) =>
        (rule.kind === undefined || rule.kind === ref.kind) &&
        (rule.group === undefined || rule.group === ref.group) &&
        (rule.namespace === undefined || rule.namespace === ref.namespace) &&
        (rule.name === undefined || rule.name === ref.name),
    )
    .flatMap((rule) => rule.fields);
}

/** A kind that a CustomResourceDefinition of the bundle brings, before the cluster serves it. */
export interface DefinedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The kinds that the CustomResourceDefinitions among the objects bring, one for each served version. */
export function definedKinds(objects: readonly KubeObject[]): readonly DefinedKind[] {
  const kinds: DefinedKind[] = [];
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io') continue;
    const spec = object.spec as
      | { group?: string; scope?: string; names?: { kind?: string; plural?: string }; versions?: { name?: string }[] }
      | undefined;
    for (const version of spec?.versions ?? [])
      kinds.push({
        group: spec?.group ?? '',
        version: version.name ?? '',
        kind: spec?.names?.kind ?? '',
        plural: spec?.names?.plural ?? '',
        namespaced: spec?.scope !== 'Cluster',
      });
  }
  return kinds;
}

function mergeStringData(object: KubeObject): void {
  const data = { ...(object.data as Record<string, string> | undefined) };
  for (const [key, text] of Object.entries(object.stringData as Record<string, unknown>))
    data[key] = Buffer.from(String(text), 'utf8').toString('base64');
  object.data = data;
  delete object.stringData;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== null) copy[key] = withoutNulls(member);
  return copy;
}
