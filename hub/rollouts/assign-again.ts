import { sql, type Transaction } from 'kysely';
import type { Rollout } from '../../core/rollout/types.ts';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';
import type { RolloutRow } from './rows.ts';

/**
 * Gives clusters that are tried again the same once more, as a new generation: their agents begin anew at once, where
 * they would have waited for their own next try (R7). Those that the queue has not come to get it from there.
 */
export async function assignAgain(
  transaction: Transaction<Schema>,
  { environment, application }: Pick<RolloutRow, 'environment' | 'application'>,
  before: Rollout,
  after: Rollout,
): Promise<void> {
  const clusters = [...after.members].flatMap(([name, member]) => {
    const isAgain = member.attempts > (before.members.get(name)?.attempts ?? 0);
    return isAgain && member.state === 'updating' && member.turn.handedOutAt !== null ? [name] : [];
  });
  if (clusters.length === 0) return;
  await transaction
    .updateTable('placements')
    .set({ generation: sql<number>`generation + 1` })
    .where('application', '=', application)
    .where('environment', '=', environment)
    .where('cluster', '=', sql<string>`any(${clusters}::text[])`)
    .execute();
  await publishNews(transaction, { type: 'desired', clusters });
}
