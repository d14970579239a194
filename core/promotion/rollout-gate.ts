import { standings } from './eligibility.ts';
import type { Unmet } from './gates.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion } from './world.ts';

/**
 * Whether what is under way in the environment has to end first. Who commits to an environment that follows the head
 * without waves means to be followed at once; elsewhere a rollout is left to end, unless it has failed (P5, R2), and
 * automation leaves a release that soaks for the next environment there until it has.
 */
export function rolloutGate(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  { origin, kind }: RequestedPromotion,
  now: number,
): Unmet[] {
  if (kind === 'rollback' || (origin === 'head' && !environment.hasWaves)) return [];
  const wait = { gate: 'rollout', name: null, since: null } as const;
  const { rolling } = environment;
  if (rolling !== null && (rolling.rollout.state === 'running' || rolling.rollout.state === 'paused')) {
    const state = rolling.rollout.state === 'paused' ? 'is paused' : 'is under way';
    const reason = `rollout ${rolling.rollout.id} of ${rolling.release ?? 'the removal'} ${state}`;
    return [{ ...wait, reason, deadline: null }];
  }
  return origin === 'auto' && kind === 'release'
    ? soaksForOthers(world, environment, now).map((soak) => ({ ...wait, ...soak }))
    : [];
}

/** What settled here soaks for an environment that takes from here: replaced now, nothing might ever get there. */
function soaksForOthers(
  world: PromotionWorld,
  { name, settlements }: EnvironmentFacts,
  now: number,
): { readonly reason: string; readonly deadline: number }[] {
  const [settled] = settlements;
  const release = settled?.inForce === true ? world.releases.get(settled.release) : undefined;
  if (release === undefined) return [];
  for (const other of world.environments.values()) {
    if (!release.environments.includes(other.name) || other.settlements[0]?.release === release.id) continue;
    for (const standing of standings(world, release, other, now)) {
      if (standing.type !== 'soaking' || standing.from !== name) continue;
      return [{ reason: `${release.id} soaks here for ${other.name}`, deadline: standing.until }];
    }
  }
  return [];
}
