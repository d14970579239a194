import { sql, type Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { Rollout } from '../../core/rollout/types.ts';
import type { Schema } from '../store/schema.ts';
import { type RolloutRow, toRollout } from './rows.ts';

export interface LoadedRollout {
  readonly row: RolloutRow;
  readonly rollout: Rollout;
}

/**
 * Locks a rollout, and before it the budget of its environment where it has one: of two hubs that decide at once the
 * second sees what the first has written (R3, R11).
 * @throws FairwayError `rollout-not-found`
 */
export async function lockRollout(transaction: Transaction<Schema>, id: number): Promise<LoadedRollout> {
  await sql`
    select pg_advisory_xact_lock(hashtextextended('rollouts:' || environment, 0)) from rollouts
    where id = ${id} and ended_at is null and (strategy -> 'gated')::boolean`.execute(transaction);
  const row = await transaction.selectFrom('rollouts').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row === undefined) {
    throw new FairwayError('rollout-not-found', `There is no rollout ${id}.`, {
      field: 'rollout',
      remedy: 'List them with `fairway rollout list`.',
    });
  }
  const waves = await transaction
    .selectFrom('rollout_waves')
    .selectAll()
    .where('rollout', '=', id)
    .orderBy('position')
    .execute();
  const members = await transaction
    .selectFrom('rollout_clusters')
    .selectAll()
    .where('rollout', '=', id)
    .orderBy('cluster')
    .execute();
  return { row, rollout: toRollout(row, waves, members) };
}
