import { ignoring } from '../../core/apply/desired.ts';
import type { Bundle, IgnoreRule } from '../../core/bundle.ts';
import { autoscalerRules, replicasField } from '../../core/fields/autoscalers.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { type Kube, KubeError } from '../kube/port.ts';
import type { Target } from '../reconcile/resolve.ts';
import type { Observer } from './observer.ts';

/**
 * Leaves the replicas of what an autoscaler scales to it, whoever made the autoscaler (D4): those of the bundle are
 * known from it, and those that stand in the cluster are looked up, once for each namespace in which the bundle sets
 * replicas. Nothing watches them; `scalesUnexpectedly` says when to look again.
 */
export async function leaveToAutoscalers(
  targets: ReadonlyMap<string, Target>,
  { objects, namespace }: Bundle,
  kube: Kube,
): Promise<ReadonlyMap<string, Target>> {
  const own = autoscalerRules(objects, namespace ?? 'default');
  const scalable = [...targets.values()].filter(({ wanted }) => setsReplicas(wanted.object));
  const namespaces = new Set(scalable.map(({ wanted }) => wanted.ref.namespace).filter((name) => name !== ''));
  const standing = await Promise.all([...namespaces].map((name) => rulesIn(kube, name)));
  const rules = [...own, ...standing.flat()];
  if (rules.length === 0) return targets;
  return new Map([...targets].map(([key, target]) => [key, { ...target, wanted: ignoring(target.wanted, rules) }]));
}

/** True where replicas stand otherwise than the bundle says: an autoscaler may have come since it was last looked for. */
export function scalesUnexpectedly(targets: ReadonlyMap<string, Target>, { find }: Pick<Observer, 'find'>): boolean {
  return [...targets.values()].some(
    ({ wanted, resource }) =>
      setsReplicas(wanted.object) &&
      find(wanted.ref, resource)?.differences.some(({ pointer }) => pointer === replicasField),
  );
}

function setsReplicas({ spec }: KubeObject): boolean {
  return typeof (spec as { replicas?: unknown } | undefined)?.replicas === 'number';
}

async function rulesIn(kube: Kube, namespace: string): Promise<readonly IgnoreRule[]> {
  const resource = await kube.resourceOf('autoscaling', 'HorizontalPodAutoscaler');
  if (resource === null) return [];
  try {
    return autoscalerRules((await kube.list(resource, { namespace })).items, namespace);
  } catch (error) {
    // An agent that may not see autoscalers goes by the managers of fields, as with any other controller (A4).
    if (error instanceof KubeError && error.code === 'forbidden') return [];
    throw error;
  }
}
