import { supersededBy } from './decide.ts';
import { needsPlan, reportGates } from './gates.ts';
import { judgePin } from './judge-pin.ts';
import type { PromotionWorld } from './world.ts';

/** `unplanned`: nobody has looked at its plan yet, so nobody can say. */
type Readiness = 'ready' | 'unplanned' | 'held';

/**
 * Whether a promotion waits for nothing but the others of its set, as the world is now (G10).
 * @param world of its own application
 * @param now milliseconds since the epoch
 */
export function readinessOf(world: PromotionWorld, promotion: number, now: number): Readiness {
  const environment = [...world.environments.values()].find(({ requested }) => requested?.id === promotion);
  const requested = environment?.requested ?? null;
  if (environment === undefined || requested?.state !== 'waiting') return 'held';
  if (judgePin(world, environment).length > 0) return 'held';
  if (supersededBy(world, environment, requested, now) !== null) return 'held';
  if (requested.plan === null && needsPlan(requested, environment)) return 'unplanned';
  const { waits, refusal } = reportGates(world, environment, requested, now);
  return waits.length === 0 && refusal === null ? 'ready' : 'held';
}
