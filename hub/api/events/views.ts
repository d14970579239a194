import { type Kysely, type Selectable, sql } from 'kysely';
import type { EventQuery, FleetEvent } from '../../../proto/rest/events.ts';
import { applicationNamedVisible, clusterNamedVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText } from '../times.ts';

/** Which events a reader wants. */
export type EventFilters = Pick<
  EventQuery,
  'cluster' | 'application' | 'environment' | 'release' | 'type' | 'severity'
>;

/** Events, newest first. */
export async function listEvents(
  db: Kysely<Schema>,
  visibility: Visibility,
  filters: EventFilters,
  { after, limit }: Slice,
): Promise<FleetEvent[]> {
  let rows = selectEvents(db, visibility, filters).orderBy('events.id', 'desc').limit(limit);
  if (after !== null) rows = rows.where('events.id', '<', Number(after[0]));
  return (await rows.execute()).map(describe);
}

/** Events beyond an id, oldest first: what a reader that was away has missed. */
export async function readEventsAfter(
  db: Kysely<Schema>,
  visibility: Visibility,
  filters: EventFilters,
  id: number,
  limit: number,
): Promise<FleetEvent[]> {
  const rows = selectEvents(db, visibility, filters).where('events.id', '>', id).orderBy('events.id').limit(limit);
  return (await rows.execute()).map(describe);
}

/** The id of the newest event; 0 where there is none. */
export async function newestEvent(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ id: number }>`select coalesce(max(id), 0)::bigint as id from events`.execute(db);
  return rows[0]?.id ?? 0;
}

/**
 * An event belongs to its environment, or, where it names none, to those of its cluster; and to the tenant of its
 * application. One that names neither is seen only without bounds.
 */
function selectEvents(db: Kysely<Schema>, visibility: Visibility, filters: EventFilters) {
  const { environments, tenants } = visibility;
  let rows = db.selectFrom('events').selectAll();
  if (environments !== null) {
    const named = sql<boolean>`events.environment = any(${environments}::text[])`;
    const placed = sql<boolean>`(events.environment is null and ${clusterNamedVisible(visibility, 'events.cluster')})`;
    rows = rows.where(sql<boolean>`coalesce(${named} or ${placed}, false)`);
  }
  if (tenants !== null) {
    rows = rows.where(sql<boolean>`coalesce(${applicationNamedVisible(visibility, 'events.application')}, false)`);
  }
  for (const name of ['cluster', 'application', 'environment', 'release', 'type', 'severity'] as const) {
    const value = filters[name];
    if (value !== undefined) rows = rows.where(name, '=', value);
  }
  return rows;
}

function describe(row: Selectable<Schema['events']>): FleetEvent {
  return {
    id: row.id,
    at: timeText(row.at),
    type: row.type,
    severity: row.severity,
    message: row.message,
    cluster: row.cluster,
    application: row.application,
    environment: row.environment,
    release: row.release,
    data: row.data,
  };
}
