import { type Kysely, sql } from 'kysely';
import { parseSelector } from '../../../core/selector-text.ts';
import type { DriftQuery, DriftRecord } from '../../../proto/rest/drift.ts';
import { clusterLabels, labelsMatch } from '../../access/labels-in-sql.ts';
import { applicationNamedVisible, environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Key, Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';

/** Drift, newest first. @throws FairwayError `selector-invalid` */
export async function listDrift(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: DriftQuery,
  { after, limit }: Slice,
): Promise<DriftRecord[]> {
  let rows = selectDrift(db, visibility)
    .orderBy('drifts.first_seen_at', 'desc')
    .orderBy('drifts.id', 'desc')
    .limit(limit);
  if (after !== null) {
    rows = rows.where(
      sql<boolean>`(drifts.first_seen_at, drifts.id) < (${after[0]}::timestamptz, ${after[1]}::bigint)`,
    );
  }
  const { cluster, application, environment, state, labelSelector } = query;
  if (cluster !== undefined) rows = rows.where('drifts.cluster', '=', cluster);
  if (application !== undefined) rows = rows.where('drifts.application', '=', application);
  if (environment !== undefined) rows = rows.where('placements.environment', '=', environment);
  if (state !== undefined) rows = rows.where('drifts.state', '=', state);
  if (labelSelector !== undefined) rows = rows.where(labelsMatch(parseSelector(labelSelector), clusterLabels));
  return (await rows.execute()).map(describe);
}

/** Null where there is none that the caller may see. */
export async function findDrift(db: Kysely<Schema>, visibility: Visibility, id: number): Promise<DriftRecord | null> {
  const row = await selectDrift(db, visibility).where('drifts.id', '=', id).executeTakeFirst();
  return row === undefined ? null : describe(row);
}

/** What the list is ordered by. An agent's times are whole milliseconds, so that the text loses nothing. */
export function driftKey({ firstSeenAt, id }: DriftRecord): Key {
  return [firstSeenAt, id];
}

function selectDrift(db: Kysely<Schema>, visibility: Visibility) {
  return db
    .selectFrom('drifts')
    .leftJoin('placements', (join) =>
      join
        .onRef('placements.cluster', '=', 'drifts.cluster')
        .onRef('placements.application', '=', 'drifts.application'),
    )
    .leftJoin('clusters', 'clusters.name', 'drifts.cluster')
    .selectAll('drifts')
    .select('placements.environment')
    .where(environmentVisible(visibility, 'placements.environment'))
    .where(applicationNamedVisible(visibility, 'drifts.application'));
}

type Row = Awaited<ReturnType<ReturnType<typeof selectDrift>['executeTakeFirstOrThrow']>>;

function describe(row: Row): DriftRecord {
  return {
    id: row.id,
    cluster: row.cluster,
    application: row.application,
    environment: row.environment,
    object: {
      group: row.object_group,
      kind: row.object_kind,
      namespace: row.object_namespace,
      name: row.object_name,
    },
    field: row.field,
    wanted: row.wanted,
    found: row.found,
    manager: row.manager,
    state: row.state,
    firstSeenAt: timeText(row.first_seen_at),
    endedAt: timeTextOrNull(row.ended_at),
  };
}
