import type { Transaction } from 'kysely';
import { withdrawPruneApprovals } from '../fleet/withdraw-prune.ts';
import type { Schema } from '../store/schema.ts';
import type { RolloutRow } from './rows.ts';

/**
 * What a completed rollout leaves in force: its release, or after a removal nothing (G1, G9). One that is settled
 * already stays so, and has soaked for as long as it has. A person's words on what other releases may delete are over (A6).
 * @param now milliseconds since the epoch
 */
export async function settle(
  transaction: Transaction<Schema>,
  { id, environment, application, release, kind }: RolloutRow,
  now: number,
): Promise<void> {
  // Who was skipped catches up by the word on what is settled now.
  const allBut = kind === 'removal' ? null : release;
  await withdrawPruneApprovals(transaction, { environment, application }, { allBut });
  const inForce = await transaction
    .selectFrom('settlements')
    .select(['id', 'release'])
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('superseded_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  if (inForce !== undefined && inForce.release === release && kind !== 'removal') {
    await transaction.updateTable('settlements').set({ rollout: id }).where('id', '=', inForce.id).execute();
    return;
  }
  const at = new Date(now);
  if (inForce !== undefined) {
    await transaction.updateTable('settlements').set({ superseded_at: at }).where('id', '=', inForce.id).execute();
  }
  if (kind === 'removal') return;
  await transaction
    .insertInto('settlements')
    .values({ environment, application, release, rollout: id, settled_at: at })
    .execute();
}
