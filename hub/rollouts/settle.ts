import type { Transaction } from 'kysely';
import type { Schema } from '../store/schema.ts';
import type { RolloutRow } from './rows.ts';

/**
 * What a completed rollout leaves in force: its release, or after a removal nothing (G1, G9). One that is settled
 * already stays so, and has soaked for as long as it has.
 * @param now milliseconds since the epoch
 */
export async function settle(
  transaction: Transaction<Schema>,
  { id, environment, application, release, kind }: RolloutRow,
  now: number,
): Promise<void> {
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
  if (kind === 'removal') {
    // The word that let it delete everything was for this once (A6).
    await transaction
      .deleteFrom('prune_approvals')
      .where('environment', '=', environment)
      .where('application', '=', application)
      .where('release', '=', release)
      .execute();
    return;
  }
  await transaction
    .insertInto('settlements')
    .values({ environment, application, release, rollout: id, settled_at: at })
    .execute();
}
