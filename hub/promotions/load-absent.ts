import { type Kysely, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import { selects } from '../rollouts/members.ts';
import type { Schema } from '../store/schema.ts';

/**
 * What a release depends on and has no placement on clusters of an environment (R12). A cordoned cluster gets nothing
 * new, and is no matter.
 * @returns the clusters, by what they lack; in the order of their names
 */
export async function loadAbsent(
  db: Kysely<Schema>,
  environment: string,
  { environments, dependsOn }: Pick<ApplicationSpec, 'environments' | 'dependsOn'>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (dependsOn.length === 0) return new Map();
  const declared = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Environment')
    .where('name', 'in', [environment, ...environments])
    .execute();
  const own = declared.find(({ name }) => name === environment)?.spec as EnvironmentSpec | undefined;
  if (own === undefined) return new Map();
  const others = declared.filter(({ name }) => name !== environment).map(({ spec }) => spec as EnvironmentSpec);
  const { rows } = await sql<{ dependency: string; clusters: string[] }>`
    select d.application as dependency, array_agg(clusters.name order by clusters.name) as clusters
    from clusters cross join unnest(${dependsOn}::text[]) as d (application)
    where clusters.state <> 'revoked' and clusters.cordoned_at is null and ${selects(own, others)}
      and not exists (select from placements p where p.cluster = clusters.name and p.application = d.application)
    group by d.application order by d.application`.execute(db);
  return new Map(rows.map(({ dependency, clusters }) => [dependency, clusters]));
}
