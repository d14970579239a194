import { type Kysely, type Selectable, sql } from 'kysely';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import { parseSelector } from '../../../core/selector-text.ts';
import type { Wait } from '../../../proto/rest/common.ts';
import type { Placement, PlacementQuery } from '../../../proto/rest/placements.ts';
import { clusterLabels, labelsMatch } from '../../access/labels-in-sql.ts';
import { placementVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import { isMoving, isWaiting } from '../counts.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull, waitText } from '../times.ts';

/** Filters that the REST query has no name for. */
interface Filters extends PlacementQuery {
  readonly moving?: boolean;
  readonly waiting?: boolean;
}

/** Placements by cluster and application. @throws FairwayError `selector-invalid` */
export async function listPlacements(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: Filters,
  { after, limit }: Slice,
): Promise<Placement[]> {
  let rows = db
    .selectFrom('placements')
    .innerJoin('clusters', 'clusters.name', 'placements.cluster')
    .selectAll('placements')
    .select(['clusters.connected', 'clusters.state as cluster_state', 'clusters.last_seen_at', isMoving.as('moving')])
    .where(placementVisible(visibility))
    .orderBy('placements.cluster')
    .orderBy('placements.application')
    .limit(limit);
  if (after !== null) {
    rows = rows.where(
      sql<boolean>`(placements.cluster, placements.application) > (${after[0]}::text, ${after[1]}::text)`,
    );
  }
  const { cluster, application, environment, health, state, settled, labelSelector, moving, waiting } = query;
  if (cluster !== undefined) rows = rows.where('placements.cluster', '=', cluster);
  if (application !== undefined) rows = rows.where('placements.application', '=', application);
  if (environment !== undefined) rows = rows.where('placements.environment', '=', environment);
  if (health !== undefined) rows = rows.where(sql<boolean>`coalesce(placements.health, 'unknown') = ${health}`);
  if (state !== undefined) rows = rows.where('placements.state', '=', state);
  if (settled !== undefined) rows = rows.where(settled ? isSettled : sql<boolean>`not ${isSettled}`);
  if (moving !== undefined) rows = rows.where(moving ? isMoving : sql<boolean>`not ${isMoving}`);
  if (waiting === true) rows = rows.where(isWaiting);
  if (labelSelector !== undefined) rows = rows.where(labelsMatch(parseSelector(labelSelector), clusterLabels));
  return (await rows.execute()).map(describe);
}

const isSettled = sql<boolean>`(not ${isMoving} and coalesce(placements.health, 'unknown') = 'healthy')`;

type Row = Selectable<Schema['placements']> & {
  readonly connected: boolean;
  readonly cluster_state: Schema['clusters']['state'];
  readonly last_seen_at: Date | null;
  readonly moving: boolean;
};

function describe(row: Row): Placement {
  const { reported } = row;
  const health = row.health ?? 'unknown';
  return {
    cluster: row.cluster,
    application: row.application,
    environment: row.environment,
    state: row.state,
    stateReason: row.state_reason,
    stateSince: timeText(row.state_since),
    release: row.release,
    bundle: row.bundle,
    generation: row.generation,
    assignedAt: timeText(row.assigned_at),
    runningRelease: row.running_release,
    runningBundle: row.running_bundle,
    settled: !row.moving && health === 'healthy',
    health,
    phase: row.phase,
    message: reported?.message ?? null,
    counts: reported === null ? null : { ...reported.counts },
    problems: (reported?.problems ?? []).map(({ object, code, field, message }) => ({ object, code, field, message })),
    reportedAt: timeTextOrNull(row.reported_at),
    wait: waitOf(row),
  };
}

/** What this placement waits for: the agent's own word where it is about what is wanted now, else the way to it. */
function waitOf(row: Row): Wait | null {
  if (row.cluster_state === 'registered') {
    return { reason: 'the cluster has not joined yet', since: timeText(row.assigned_at), deadline: null };
  }
  if (!row.moving) return row.reported === null ? null : reportedWait(row.reported);
  if (!row.connected) {
    const since = row.last_seen_at !== null && row.last_seen_at > row.assigned_at ? row.last_seen_at : row.assigned_at;
    return { reason: 'the agent is not connected', since: timeText(since), deadline: null };
  }
  if (row.reported?.generation !== row.generation) {
    return { reason: 'the agent has not reported on it yet', since: timeText(row.assigned_at), deadline: null };
  }
  const since = timeText(row.assigned_at);
  return (
    reportedWait(row.reported) ?? { reason: `the agent is at it: ${row.phase ?? 'pending'}`, since, deadline: null }
  );
}

/** The agent's own wait. After a failure its reason is the failure: that it tries again says too little. */
function reportedWait({ phase, message, wait }: ApplicationStatus): Wait | null {
  if (wait === null) return null;
  return waitText(phase === 'failed' ? { ...wait, reason: `${message}; it is tried again` } : wait);
}
