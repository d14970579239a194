import { standings } from './eligibility.ts';
import type { Unmet } from './gates.ts';
import { goesBack } from './settle-rollout.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion, RolloutFacts } from './world.ts';

/**
 * Whether what is under way in the environment has to end first. Who commits to an environment that follows the head
 * without waves means to be followed at once, but not while its clusters are taken back (R6); elsewhere a rollout is left
 * to end, unless it has failed (P5, R2), and automation leaves a release that soaks for the next environment there until
 * it has.
 */
export function rolloutGate(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  { origin, kind }: RequestedPromotion,
  now: number,
): Unmet[] {
  const { rolling } = environment;
  const isFollowed = origin === 'head' && !environment.hasWaves && (rolling === null || !goesBack(rolling));
  if (kind === 'rollback' || isFollowed) return [];
  const wait = { gate: 'rollout', name: null, since: null } as const;
  const state = rolling === null ? undefined : underWay[rolling.rollout.state];
  if (rolling !== null && state !== undefined) {
    const reason = `rollout ${rolling.rollout.id} of ${rolling.release ?? 'the removal'} ${state}`;
    return [{ ...wait, reason, deadline: null }];
  }
  return origin === 'auto' && kind === 'release'
    ? soaksForOthers(world, environment, now).map((soak) => ({ ...wait, ...soak }))
    : [];
}

/** Of a rollout that has to end first, how it is. */
const underWay: Readonly<Partial<Record<RolloutFacts['state'], string>>> = {
  running: 'is under way',
  paused: 'is paused',
  'rolling-back': 'is taken back',
};

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
