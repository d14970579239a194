import { sql, type Transaction } from 'kysely';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';

/** Whose words are over in an environment: those on one release, or on all but the one that stays. */
export type SpentWords = { readonly on: string } | { readonly allBut: string | null };

/**
 * Takes back the words that let releases delete what they no longer have, for each was for once (A6), and tells the
 * clusters that they concern. In the transaction of what ended them.
 */
export async function withdrawPruneApprovals(
  transaction: Transaction<Schema>,
  { environment, application }: { readonly environment: string; readonly application: string },
  spent: SpentWords,
): Promise<void> {
  const which =
    'on' in spent ? sql<boolean>`release = ${spent.on}` : sql<boolean>`release is distinct from ${spent.allBut}`;
  const { rows } = await sql<{ cluster: string }>`
    with spent as (
      delete from prune_approvals where environment = ${environment} and application = ${application} and ${which}
      returning release
    )
    select cluster from placements where environment = ${environment} and application = ${application}
      and release in (select release from spent) order by cluster`.execute(transaction);
  if (rows.length > 0)
    await publishNews(transaction, { type: 'desired', clusters: rows.map(({ cluster }) => cluster) });
}
