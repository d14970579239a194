import { FairwayError } from '../../core/errors.ts';
import type { Rollout } from '../../proto/rest/rollouts.ts';
import type { Client } from '../client.ts';
import { usageError } from '../exit.ts';

/**
 * The number of the rollout that somebody names: by its number, or by its application, of which the one under way is
 * meant, or else the newest.
 * @param environment where the application stands for a rollout; null: wherever one is under way
 * @throws FairwayError `rollout-not-found`; `usage` where several could be meant
 */
export async function findRollout(client: Client, name: string, environment: string | null): Promise<number> {
  if (/^\d+$/.test(name)) return Number(name);
  const query = { application: name, ...(environment === null ? {} : { environment }) };
  const active = await client.list<Rollout>('/rollouts', { ...query, active: true }, 2);
  if (active.length > 1) {
    const places = active.map(({ environment, id }) => `${environment} (${id})`).join(' and ');
    throw usageError(`${name} is rolled out in ${places}`, 'say which one with --env, or by its number');
  }
  const [found] = active.length === 1 ? active : await client.list<Rollout>('/rollouts', query, 1);
  if (found !== undefined) return found.id;
  const where = environment === null ? '' : ` in ${environment}`;
  throw new FairwayError('rollout-not-found', `There is no rollout of ${name}${where}.`, {
    remedy: 'list them with `fairway rollout list`',
    details: { status: 404 },
  });
}
