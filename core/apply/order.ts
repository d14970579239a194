import { annotationOf, hookAnnotation, waveAnnotation } from '../objects/annotations.ts';
import type { KubeObject, ObjectRef } from '../objects/object.ts';

/** The order in which an application's objects are written (A2). Pruning goes the same way backwards. */

const stages = ['definitions', 'pre', 'classes', 'objects', 'admission', 'post'] as const;
/** Each stage is written before the next begins; `pre` and `post` are what hooks ask for. */
export type Stage = (typeof stages)[number];

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

/** What is to be put in order. */
export interface Ordered {
  readonly ref: ObjectRef;
  readonly object: KubeObject;
}

/** Objects of one stage and wave, in groups by kind: those of one group may be written at once. */
export interface Wave<T extends Ordered> {
  readonly stage: Stage;
  readonly wave: number;
  readonly groups: readonly (readonly T[])[];
}

/** The stage of an object: definitions come first whatever their annotations say, for hooks may need them. */
function stageFor({ ref, object }: Ordered): Stage {
  const stage = stageOf(ref);
  const hook = annotationOf(object, hookAnnotation);
  return stage !== 'definitions' && (hook === 'pre' || hook === 'post') ? hook : stage;
}

/** Objects in the order in which they are written: by stage, then by wave, then by kind. */
export function inWaves<T extends Ordered>(objects: readonly T[]): readonly Wave<T>[] {
  const waves = new Map<string, { stage: Stage; wave: number; byRank: Map<number, T[]> }>();
  for (const item of objects) {
    const stage = stageFor(item);
    const wave = waveOf(item.object);
    const key = `${stage} ${wave}`;
    const found = waves.get(key) ?? { stage, wave, byRank: new Map() };
    waves.set(key, found);
    const rank = rankOf(item.ref);
    const group = found.byRank.get(rank);
    if (group === undefined) found.byRank.set(rank, [item]);
    else group.push(item);
  }
  return [...waves.values()]
    .sort((a, b) => stages.indexOf(a.stage) - stages.indexOf(b.stage) || a.wave - b.wave)
    .map(({ stage, wave, byRank }) => ({
      stage,
      wave,
      groups: [...byRank].sort(([a], [b]) => a - b).map(([, group]) => group),
    }));
}

/** The same as one list of groups, where nobody waits between waves. */
export function inOrder<T extends Ordered>(objects: readonly T[]): readonly (readonly T[])[] {
  return inWaves(objects).flatMap(({ groups }) => groups);
}

/** What is to be deleted, with the wave in which it was written; undefined where it is not known to stand. */
export interface Prunable {
  readonly ref: ObjectRef;
  readonly live?: { readonly wave: number } | undefined;
}

/**
 * Groups of objects in the order in which they are deleted: the reverse of that of writing, webhooks first, definitions
 * last, and in between the last wave before the first.
 */
export function inPruneOrder<T extends Prunable>(items: readonly T[]): readonly (readonly T[])[] {
  const placeOf = ({ ref, live }: T) => [stages.indexOf(stageOf(ref)), live?.wave ?? 0, rankOf(ref)] as const;
  const groups = Map.groupBy(items, (item) => placeOf(item).join(' ')).values();
  const placed = [...groups].map((group) => ({ group, place: placeOf(group[0] as T) }));
  return placed
    .sort(({ place: a }, { place: b }) => b[0] - a[0] || b[1] - a[1] || b[2] - a[2])
    .map(({ group }) => group);
}

/** The wave of an object; 0 where it names none, or what is no number: in a bundle that is refused before. */
export function waveOf(object: KubeObject): number {
  const wave = Number(annotationOf(object, waveAnnotation) ?? 0);
  return Number.isInteger(wave) ? wave : 0;
}

function rankOf(ref: Pick<ObjectRef, 'group' | 'kind'>): number {
  if (!isBuiltIn(ref)) return lastRank;
  const rank = ranks.indexOf(ref.kind);
  return rank < 0 ? lastRank : rank;
}

function isBuiltIn(ref: Pick<ObjectRef, 'group'>): boolean {
  return builtInGroups.has(ref.group) || ref.group.endsWith('.k8s.io');
}
