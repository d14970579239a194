import type { Transaction } from 'kysely';
import { readinessOf } from '../../core/promotion/readiness.ts';
import type { PromotionStep } from '../../core/promotion/steps.ts';
import type { PromotionWorld } from '../../core/promotion/world.ts';
import type { Schema } from '../store/schema.ts';
import type { Wakes } from './apply.ts';
import { noteHealth } from './load-settlements.ts';
import type { Looked } from './look.ts';
import { loadPromotionWorld } from './world.ts';

/**
 * Keeps back the commit of a set until each of it is known to be ready now: of the others a decision knows only what
 * their own loops saw last, and a plan, a check or a pin may be another one since (G10, P2, P4). In the caller's
 * transaction, which holds the locks of all of the set's applications.
 * @param wakes gains the applications that are not ready after all, which say so themselves
 * @param now milliseconds since the epoch
 * @returns the steps, with what is to be looked at in place of a commit that cannot be judged yet
 */
export async function checkSets(
  transaction: Transaction<Schema>,
  { application }: PromotionWorld,
  steps: readonly PromotionStep[],
  looked: Looked,
  wakes: Wakes,
  now: number,
): Promise<readonly PromotionStep[]> {
  const checked: PromotionStep[] = [];
  for (const step of steps) {
    if (step.type !== 'pin' || step.promotions.length < 2) {
      checked.push(step);
      continue;
    }
    const others = await transaction
      .selectFrom('promotions')
      .select(['id', 'application'])
      .where('id', 'in', [...step.promotions])
      .where('application', '<>', application)
      .orderBy('id')
      .execute();
    const unplanned: PromotionStep[] = [];
    let isHeld = false;
    for (const other of others) {
      await noteHealth(transaction, other.application, now);
      const world = await loadPromotionWorld(transaction, other.application, looked);
      const readiness = world === null ? 'held' : readinessOf(world, other.id, now);
      if (readiness === 'unplanned') unplanned.push({ type: 'look-at-plan', promotion: other.id });
      if (readiness !== 'held') continue;
      isHeld = true;
      wakes.applications.add(other.application);
    }
    if (!isHeld) checked.push(...(unplanned.length > 0 ? unplanned : [step]));
  }
  return checked;
}
