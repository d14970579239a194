import { type Kysely, sql } from 'kysely';
import type { Schema } from '../store/schema.ts';
import type { RolloutRow } from './rows.ts';

/** What the clusters of an environment run of an application, as their agents say: clusters by release (R7). */
export async function readRuns(
  db: Kysely<Schema>,
  { environment, application }: Pick<RolloutRow, 'environment' | 'application'>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows } = await sql<{ release: string; clusters: string[] }>`
    select coalesce(running_release, 'nothing yet') as release, array_agg(cluster order by cluster) as clusters
    from placements where environment = ${environment} and application = ${application}
    group by running_release order by running_release`.execute(db);
  return Object.fromEntries(rows.map(({ release, clusters }) => [release, clusters]));
}
