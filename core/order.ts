import type { KubeObject, ObjectRef } from './object.ts';

/** The order in which an application's objects are written (A2). Pruning goes the same way backwards. */

export const stages = ['definitions', 'classes', 'objects', 'admission'] as const;
/** Each stage stands before the next begins. */
export type Stage = (typeof stages)[number];

/** The annotation that orders objects within a stage: a whole number, lower first, 0 where it is left out. */
export const waveAnnotation = 'fairway.dev/wave';

const definitions = ['CustomResourceDefinition', 'Namespace', 'ClusterRole', 'ClusterRoleBinding'];

/** What others refer to comes first, what runs comes after it, what sends traffic there last. */
const ranks = [
  ...definitions,
  'PodSecurityPolicy',
  'ResourceQuota',
  'LimitRange',
  'NetworkPolicy',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'Secret',
  'ConfigMap',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'Job',
  'CronJob',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
  'Ingress',
];
const lastRank = ranks.length;

const admission = new Set([
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);
const builtInGroups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy']);

/** The stage of a kind. */
export function stageOf(ref: Pick<ObjectRef, 'group' | 'kind'>): Stage {
  if (admission.has(ref.kind) && ref.group === 'admissionregistration.k8s.io') return 'admission';
  if (!isBuiltIn(ref)) return ref.kind === 'GatewayClass' ? 'classes' : 'objects';
  if (definitions.includes(ref.kind)) return 'definitions';
  return ref.kind.endsWith('Class') ? 'classes' : 'objects';
}

/** The wave that an object asks for; null where its annotation is no whole number. */
export function waveOf(object: KubeObject): number | null {
  const text = object.metadata.annotations?.[waveAnnotation];
  if (text === undefined) return 0;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : null;
}

interface Ordered {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
}

/**
 * Groups of objects, in the order in which they are written: first by stage, then by wave, then by kind. Those of one
 * group may be written at once.
 */
export function inOrder<T extends Ordered>(objects: readonly T[]): readonly { stage: Stage; objects: readonly T[] }[] {
  const groups = new Map<string, { stage: Stage; sort: readonly number[]; objects: T[] }>();
  for (const item of objects) {
    const stage = stageOf(item.ref);
    const sort = [stages.indexOf(stage), waveOf(item.object) ?? 0, rankOf(item.ref)];
    const key = sort.join(' ');
    const group = groups.get(key) ?? { stage, sort, objects: [] };
    group.objects.push(item);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => compareNumbers(a.sort, b.sort));
}

/** References in the order in which they are deleted: the reverse of that of writing, webhooks first, CRDs last. */
export function inPruneOrder(refs: readonly ObjectRef[]): readonly ObjectRef[] {
  const sortOf = (ref: ObjectRef) => [stages.indexOf(stageOf(ref)), rankOf(ref)];
  return [...refs].sort((a, b) => compareNumbers(sortOf(b), sortOf(a)));
}

function rankOf(ref: Pick<ObjectRef, 'group' | 'kind'>): number {
  if (!isBuiltIn(ref)) return lastRank;
  const rank = ranks.indexOf(ref.kind);
  return rank < 0 ? lastRank : rank;
}

function isBuiltIn(ref: Pick<ObjectRef, 'group'>): boolean {
  return builtInGroups.has(ref.group) || ref.group.endsWith('.k8s.io');
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}
