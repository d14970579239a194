import { type Kysely, type Selectable, sql } from 'kysely';
import type { Rollout, RolloutQuery } from '../../../proto/rest/rollouts.ts';
import { applicationNamedVisible, environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull, waitText } from '../times.ts';
import { countMembers, noMembers } from './counts.ts';

export type RolloutRow = Selectable<Schema['rollouts']>;

/** Filters that the REST query has no name for. */
interface Filters extends RolloutQuery {
  readonly ids?: readonly number[];
}

/** Rollouts, newest first. */
export async function listRollouts(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: Filters,
  { after, limit }: Slice,
): Promise<Rollout[]> {
  let rows = selectRollouts(db, visibility).orderBy('id', 'desc').limit(limit);
  if (after !== null) rows = rows.where('id', '<', Number(after[0]));
  const { environment, application, state, active, ids } = query;
  if (environment !== undefined) rows = rows.where('environment', '=', environment);
  if (application !== undefined) rows = rows.where('application', '=', application);
  if (state !== undefined) rows = rows.where('state', '=', state);
  if (active !== undefined) rows = rows.where('ended_at', active ? 'is' : 'is not', null);
  if (ids !== undefined) rows = rows.where('id', '=', sql<number>`any(${ids}::bigint[])`);
  return describeRollouts(db, await rows.execute());
}

/** How many have not ended. */
export async function countActiveRollouts(db: Kysely<Schema>, visibility: Visibility): Promise<number> {
  const { count } = await db
    .selectFrom('rollouts')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('ended_at', 'is', null)
    .where(rolloutVisible(visibility))
    .executeTakeFirstOrThrow();
  return count;
}

/** The bare row; null where there is none that the caller may see. */
export async function findRolloutRow(
  db: Kysely<Schema>,
  visibility: Visibility,
  id: number,
): Promise<RolloutRow | null> {
  return (await selectRollouts(db, visibility).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Rollouts as the wire has them. */
export async function describeRollouts(db: Kysely<Schema>, rows: readonly RolloutRow[]): Promise<Rollout[]> {
  const counts = await countMembers(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    environment: row.environment,
    application: row.application,
    promotion: row.promotion,
    kind: row.kind,
    release: row.release,
    previous: row.previous,
    state: row.state,
    stateReason: row.state_reason,
    stateSince: timeText(row.state_since),
    pausedBy: row.paused_by,
    rolledBackBy: row.rolled_back_by,
    gated: row.strategy.gated,
    wait: row.wait === null ? null : { on: row.wait.on, ...waitText(row.wait) },
    wave: {
      position: row.wave + 1,
      of: row.strategy.waves.length,
      name: row.strategy.waves[row.wave]?.name ?? '',
    },
    clusters: counts.get(row.id)?.all ?? noMembers,
    startedBy: row.started_by,
    createdAt: timeText(row.created_at),
    endedAt: timeTextOrNull(row.ended_at),
  }));
}

/** What a person who acts on a rollout has seen of it: what its version is made of. */
export function editableOf({ id, state, wave, paused_by }: RolloutRow) {
  return { id, state, wave, paused: paused_by };
}

function selectRollouts(db: Kysely<Schema>, visibility: Visibility) {
  return db.selectFrom('rollouts').selectAll().where(rolloutVisible(visibility));
}

function rolloutVisible(visibility: Visibility) {
  return sql<boolean>`(${environmentVisible(visibility, 'rollouts.environment')}
    and ${applicationNamedVisible(visibility, 'rollouts.application')})`;
}
