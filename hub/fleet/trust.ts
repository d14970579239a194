import type { Transaction } from 'kysely';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';

/**
 * Ends whatever a cluster could prove itself with: its certificates are revoked, its unused tokens deleted, and every
 * replica hears of it once this commits (T3).
 * @param now milliseconds since the epoch
 */
export async function endTrust(transaction: Transaction<Schema>, cluster: string, now: number): Promise<void> {
  // A renewal under way ends first: else its certificate would come after the others were revoked.
  await transaction.selectFrom('clusters').select('name').where('name', '=', cluster).forUpdate().execute();
  await transaction
    .updateTable('certificates')
    .set({ revoked_at: new Date(now) })
    .where('cluster', '=', cluster)
    .where('revoked_at', 'is', null)
    .execute();
  await transaction.deleteFrom('join_tokens').where('cluster', '=', cluster).where('used_at', 'is', null).execute();
  await publishNews(transaction, { type: 'revoked', cluster });
}
