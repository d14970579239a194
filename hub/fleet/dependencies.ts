import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Schema } from '../store/schema.ts';

/**
 * Whether what an agent says of a placement `p` is about what the placement is now: an older report says nothing of it.
 */
export const isCurrent: RawBuilder<unknown> = sql`(p.reported ->> 'generation')::bigint = p.generation`;

/** Whether a cluster runs exactly what its placement `p` says, whole. */
export const isApplied: RawBuilder<unknown> = sql`(${isCurrent} and p.phase = 'applied'
  and jsonb_typeof(p.reported -> 'wait') is distinct from 'object'
  and (p.running_release, p.running_bundle) = (p.release, p.bundle))`;

/**
 * What clusters lack of what an application depends on, in words (R12).
 * @returns by cluster; one that lacks nothing is left out
 */
export async function readLacks(
  db: Kysely<Schema>,
  dependsOn: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (dependsOn.length === 0) return new Map();
  const { rows } = await sql<{ name: string; lack: string }>`
    select clusters.name, string_agg(d.application || case when p.cluster is null then ' is not placed there'
      else ' is not healthy there' end, ', ' order by d.application) as lack
    from clusters cross join unnest(${dependsOn}::text[]) as d (application)
    left join placements p on p.cluster = clusters.name and p.application = d.application
    where clusters.state <> 'revoked' and not coalesce(${isApplied} and p.health = 'healthy', false)
    group by clusters.name`.execute(db);
  return new Map(rows.map(({ name, lack }) => [name, lack]));
}
