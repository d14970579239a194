import { FairwayError } from '../../core/errors.ts';
import type { Promotion } from '../../proto/rest/promotions.ts';
import type { Client } from '../client.ts';
import { usageError } from '../exit.ts';

/**
 * The number of the promotion that somebody names: by its number, or by its application, of which the one that waits
 * is meant.
 * @param environment where the application stands for a promotion; null: wherever one waits
 * @throws FairwayError `promotion-not-found`; `usage` where several could be meant
 */
export async function findPromotion(client: Client, name: string, environment: string | null): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  const query = { application: name, active: true, ...(environment === null ? {} : { environment }) };
  const active = await client.list<Promotion>('/promotions', query, 10);
  const waiting = active.filter(({ state }) => state === 'waiting');
  const [found, ...others] = waiting.length > 0 ? waiting : active;
  if (others.length > 0 && found !== undefined) {
    const places = [found, ...others].map(({ environment, id }) => `${environment} (${id})`).join(' and ');
    throw usageError(`${name} is promoted to ${places}`, 'say which one with --env, or by its number');
  }
  if (found !== undefined) return found.id;
  const where = environment === null ? '' : ` to ${environment}`;
  throw new FairwayError('promotion-not-found', `No promotion of ${name}${where} is on its way.`, {
    remedy: 'list them with `fairway promotion list`',
    details: { status: 404 },
  });
}
