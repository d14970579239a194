import { type Kysely, type Selectable, sql } from 'kysely';
import type { Promotion, PromotionQuery } from '../../../proto/rest/promotions.ts';
import { applicationNamedVisible, environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull, waitText } from '../times.ts';

export type PromotionRow = Selectable<Schema['promotions']>;

/** Filters that the REST query has no name for. */
interface Filters extends PromotionQuery {
  readonly ids?: readonly number[];
}

/** Promotions, newest first. */
export async function listPromotions(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: Filters,
  { after, limit }: Slice,
): Promise<Promotion[]> {
  let rows = selectPromotions(db, visibility).orderBy('id', 'desc').limit(limit);
  if (after !== null) rows = rows.where('id', '<', Number(after[0]));
  const { environment, application, release, state, set, active, ids } = query;
  if (environment !== undefined) rows = rows.where('environment', '=', environment);
  if (application !== undefined) rows = rows.where('application', '=', application);
  if (release !== undefined) rows = rows.where('release', '=', release);
  if (state !== undefined) rows = rows.where('state', '=', state);
  if (set !== undefined) rows = rows.where('promotion_set', '=', set);
  if (active !== undefined) rows = rows.where('ended_at', active ? 'is' : 'is not', null);
  if (ids !== undefined) rows = rows.where('id', '=', sql<number>`any(${ids}::bigint[])`);
  return (await rows.execute()).map(describePromotion);
}

/** Those that wait for a gate, the longest first, and how many there are. */
export async function listWaiting(
  db: Kysely<Schema>,
  visibility: Visibility,
  { limit }: Slice,
): Promise<{ total: number; items: Promotion[] }> {
  const waiting = selectPromotions(db, visibility).where('state', '=', 'waiting');
  const [rows, { count }] = await Promise.all([
    waiting.orderBy('id').limit(limit).execute(),
    waiting.clearSelect().select(sql<number>`count(*)::int`.as('count')).executeTakeFirstOrThrow(),
  ]);
  return { total: count, items: rows.map(describePromotion) };
}

/** The bare row; null where there is none that the caller may see. */
export async function findPromotionRow(
  db: Kysely<Schema>,
  visibility: Visibility,
  id: number,
): Promise<PromotionRow | null> {
  return (await selectPromotions(db, visibility).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** One promotion as the wire has it. */
export function describePromotion(row: PromotionRow): Promotion {
  return {
    id: row.id,
    set: row.promotion_set,
    environment: row.environment,
    application: row.application,
    kind: row.kind,
    origin: row.origin,
    source: row.source,
    revision: row.revision,
    release: row.release,
    previous: row.previous,
    state: row.state,
    stateReason: row.state_reason,
    stateSince: timeText(row.state_since),
    waits: row.waits.map(({ gate, name, ...wait }) => ({ gate, name, ...waitText(wait) })),
    planDigest: row.plan_digest,
    pinCommit: row.pin_commit,
    rollout: row.rollout,
    requestedBy: row.requested_by,
    reason: row.reason,
    createdAt: timeText(row.created_at),
    endedAt: timeTextOrNull(row.ended_at),
  };
}

/** What a person who acts on a promotion has seen of it: what its version is made of. */
export function editableOf({ id, state, plan_digest }: PromotionRow) {
  return { id, state, plan: plan_digest };
}

function selectPromotions(db: Kysely<Schema>, visibility: Visibility) {
  return db
    .selectFrom('promotions')
    .selectAll()
    .where(environmentVisible(visibility, 'promotions.environment'))
    .where(applicationNamedVisible(visibility, 'promotions.application'));
}
