import { clusters, list } from '../names.ts';
import type { Unmet } from './gates.ts';
import { lostStates } from './sets.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion } from './world.ts';

/**
 * What a release depends on and is missing on clusters of the environment is an error of its promotion, which starts
 * nothing before it is there (R12); what goes in one commit with it comes first by itself. An environment that follows
 * the head is followed at once, and its rollout waits cluster by cluster.
 */
export function absenceGate(
  { application }: PromotionWorld,
  { name: environment }: EnvironmentFacts,
  { origin, kind, absent, set }: RequestedPromotion,
): Unmet[] {
  if (origin === 'head' || kind !== 'release') return [];
  return [...absent]
    .filter(([dependency]) => !set.some((member) => member.application === dependency))
    .map(([dependency, missing]) => {
      const where = `${clusters(missing.length)} of ${environment}: ${list(missing)}`;
      const reason = `${application} depends on ${dependency}, which is not placed on ${where}`;
      return { gate: 'dependency', name: dependency, reason, since: null, deadline: null };
    });
}

/** Of a set, what others depend on settles first. */
export function dependencyGate({ set, dependsOn }: RequestedPromotion): Unmet[] {
  return set
    .filter(({ application, state }) => dependsOn.includes(application) && state !== 'settled')
    .map(({ application, state }) => {
      const reason = `it depends on ${application}, of the same set, which is ${state}`;
      return { gate: 'dependency', name: application, reason, since: null, deadline: null };
    });
}

/** Why a promotion of a set that Git has can never roll out; null: it can. */
export function lostDependency({ set, dependsOn }: RequestedPromotion): string | null {
  const gone = set.find(({ application, state }) => dependsOn.includes(application) && lostStates.has(state));
  return gone === undefined ? null : `${gone.application}, which it depends on, was not settled: it is ${gone.state}`;
}
