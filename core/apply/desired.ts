import type { IgnoreRule } from '../bundle.ts';
import { canonicalJson, type Digest, digestOf } from '../canonical.ts';
import { type FieldPattern, parseFieldPattern } from '../fields/pattern.ts';
import { isMap } from '../fields/values.ts';
import type { HealthRules } from '../health/health.ts';
import type { ObjectHealth } from '../health/rules.ts';
import { completeNative } from '../objects/native.ts';
import { groupOf, isSecret, type KubeObject, type ObjectRef, ownerLabel, refKey, refOf } from '../objects/object.ts';
import { selectsObject } from '../objects/object-selector.ts';

/** One object as an application wants it in its cluster: labelled, with its namespace, and free of what is not its own. */
export interface Wanted {
  readonly application: string;
  readonly ref: ObjectRef;
  readonly key: string;
  readonly object: KubeObject;
  /** Of the object, of what is ignored in it and of how it is judged: equal digests are judged alike. */
  readonly digest: Digest;
  /** Fields left to others, written only at creation (D4). */
  readonly ignored: readonly FieldPattern[];
  /** JSON pointers of fields that came encrypted: their values are never shown (A11). */
  readonly sealed: readonly string[];
  /** The application's own expressions that say how it is (H1); null: there are none for it. */
  readonly health: ObjectHealth | null;
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
  if (isSecret(ref)) mergeStringData(object);
  const whole = { application, ref, key: refKey(ref), object, digest: digestOf(canonicalJson(object)) };
  return ignoring({ ...whole, ignored: [], sealed, health: null }, ignore);
}

/** The wanted object with what the rules leave to others in it besides (D4). */
export function ignoring(wanted: Wanted, rules: readonly IgnoreRule[]): Wanted {
  const fields = rules.filter((rule) => selectsObject(rule, wanted.ref)).flatMap((rule) => rule.fields);
  if (fields.length === 0) return wanted;
  // A rule that is none was refused where it was read; an older hub's is passed over.
  const patterns = fields.map(parseFieldPattern).filter((pattern) => pattern !== null);
  const digest = digestOf(canonicalJson([wanted.digest, fields]));
  return { ...wanted, ignored: [...wanted.ignored, ...patterns], digest };
}

/** The wanted object, judged by the application's own expressions (H1). They tell nothing of what came encrypted (A11). */
export function judgedBy(wanted: Wanted, health: ObjectHealth | null): Wanted {
  if (health === null) return wanted;
  const { rule, judge } = health;
  const digest = digestOf(canonicalJson([wanted.digest, rule]));
  if (wanted.sealed.length === 0) return { ...wanted, health, digest };
  const reason = 'its health expressions say so, and it came encrypted: nothing of it is shown';
  const silent: HealthRules = (object, now) => {
    const report = judge(object, now);
    return report === null ? null : { ...report, reason };
  };
  return { ...wanted, health: { rule, judge: silent }, digest };
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

/** What is no map of texts is left for the API server to refuse. */
function mergeStringData(object: KubeObject): void {
  const { data = {}, stringData } = object;
  if (!isMap(stringData) || !isMap(data) || Object.values(stringData).some((text) => typeof text !== 'string')) return;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')]);
  object.data = { ...data, ...Object.fromEntries(encoded) };
  delete object.stringData;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== null) copy[key] = withoutNulls(member);
  return copy;
}
