import type { Promotion } from '../../proto/rest/promotions.ts';
import { isAway } from '../client.ts';
import { renderPromotion } from '../promotion/view.ts';
import { lookUntil } from '../watch.ts';
import { findRollout } from './find.ts';
import type { FollowOptions } from './follow.ts';

/** Milliseconds: it is looked so often though nothing was heard. */
const lookAnyway = 1_000;

/**
 * The number of the rollout that somebody wants to follow. A promotion that is on its way leads to one, so that is waited
 * for: the last rollout has nothing to do with it.
 * @param environment where the application stands for a rollout; null: wherever there is one
 * @returns null: nobody waits any more
 * @throws FairwayError `rollout-not-found`; `usage` where several could be meant
 */
export async function awaitRollout(
  { client, screen, terminal, signal }: FollowOptions,
  name: string,
  environment: string | null,
): Promise<number | null> {
  const query = { application: name, active: true, ...(environment === null ? {} : { environment }) };
  let said = '';
  let isAwaited = !/^\d+$/.test(name);
  const look = async () => {
    try {
      const [rollouts, promotions] = await Promise.all([
        client.list('/rollouts', query, 1),
        client.list<Promotion>('/promotions', query, 1),
      ]);
      const [promotion] = promotions;
      isAwaited = rollouts.length === 0 && promotion !== undefined;
      if (!isAwaited || promotion === undefined) return true;
      const lines = renderPromotion(terminal, promotion, Date.now());
      const words = promotion.waits.map(({ reason }) => reason).join() + promotion.state;
      if (words !== said) screen.add(lines);
      said = words;
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    return false;
  };
  if (isAwaited) await lookUntil(client, signal, look, { anyway: lookAnyway });
  return signal.aborted && isAwaited ? null : findRollout(client, name, environment);
}
