import { type Kysely, sql } from 'kysely';
import type { HealthCounts } from '../../proto/rest/clusters.ts';
import { placementVisible, type Visibility } from '../access/visibility.ts';
import type { Schema } from '../store/schema.ts';

/** What placements can be counted by. */
export type CountedBy = 'cluster' | 'application' | 'environment';

export interface Tally extends HealthCounts {
  /** On their way to what they are to run. */
  readonly moving: number;
  /** There, and waiting for something all the same. */
  readonly waiting: number;
}

export const noPlacements: Tally = {
  total: 0,
  healthy: 0,
  progressing: 0,
  degraded: 0,
  suspended: 0,
  unknown: 0,
  moving: 0,
  waiting: 0,
};

/** A placement that does not run, or has not yet said that it runs, what it is to run. For queries over `placements`. */
export const isMoving = sql<boolean>`(placements.state = 'active' and (placements.running_bundle is distinct from placements.bundle
  or placements.phase is distinct from 'applied' or coalesce((placements.reported ->> 'generation')::bigint, -1) <> placements.generation))`;

/** A placement that runs what it is to run, and whose agent waits for something: a person, before it deletes. */
export const isWaiting = sql<boolean>`(placements.state = 'active' and not ${isMoving}
  and placements.reported -> 'wait' <> 'null'::jsonb)`;

/**
 * How the placements that a caller sees are, by cluster, application or environment.
 * @param names only these; all where left out
 */
export async function countPlacements(
  db: Kysely<Schema>,
  visibility: Visibility,
  by: CountedBy,
  names?: readonly string[],
): Promise<ReadonlyMap<string, Tally>> {
  const column = sql.ref<string>(`placements.${by}`);
  const only = names === undefined ? sql`true` : sql`${column} = any(${names}::text[])`;
  const { rows } = await sql<Tally & { name: string }>`
    select ${column} as name, ${tallyColumns} from placements
    where ${placementVisible(visibility)} and ${only} group by 1`.execute(db);
  return new Map(rows.map(({ name, ...tally }) => [name, tally]));
}

/** The same over all placements that a caller sees. */
export async function countAllPlacements(db: Kysely<Schema>, visibility: Visibility): Promise<Tally> {
  const { rows } = await sql<Tally>`
    select ${tallyColumns} from placements where ${placementVisible(visibility)}`.execute(db);
  return rows[0] ?? noPlacements;
}

const countOf = (health: string) => sql`(count(*) filter (where placements.health = ${sql.lit(health)}))::int`;
const tallyColumns = sql`count(*)::int as total,
  ${countOf('healthy')} as healthy, ${countOf('progressing')} as progressing, ${countOf('degraded')} as degraded,
  ${countOf('suspended')} as suspended,
  (count(*) filter (where coalesce(placements.health, 'unknown') = 'unknown'))::int as unknown,
  (count(*) filter (where ${isMoving}))::int as moving, (count(*) filter (where ${isWaiting}))::int as waiting`;

/** How many drifts stand, of placements that a caller sees. */
export async function countDrifts(
  db: Kysely<Schema>,
  visibility: Visibility,
  by: CountedBy,
  names?: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const column = sql.ref<string>(`placements.${by}`);
  const only = names === undefined ? sql`true` : sql`${column} = any(${names}::text[])`;
  const { rows } = await sql<{ name: string; count: number }>`
    select ${column} as name, count(*)::int as count
    from drifts join placements using (cluster, application)
    where drifts.ended_at is null and ${placementVisible(visibility)} and ${only} group by 1`.execute(db);
  return new Map(rows.map(({ name, count }) => [name, count]));
}

/** The counts that a screen shows, without what only the status needs. */
export function healthCounts({ moving: _moving, waiting: _waiting, ...counts }: Tally): HealthCounts {
  return counts;
}
