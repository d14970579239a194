import { type Selectable, sql, type Transaction, type UpdateObject } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';

export type PromotionRow = Selectable<Schema['promotions']>;
type Changes = Omit<UpdateObject<Schema, 'promotions'>, 'generation'>;

/** The promotions of an application change one after the other, over all replicas (R11). */
export async function lockPromotions(transaction: Transaction<Schema>, application: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`promotion:${application}`}, 0))`.execute(transaction);
}

/**
 * Locks an application together with those whose promotions wait for their commit with its own: what is decided of one of a set is
 * written of all of it (G10). Everybody locks several in the order of their names, and so nobody waits in a circle.
 * @returns false where a set came to be meanwhile that is not wholly locked
 */
export async function lockWithSets(transaction: Transaction<Schema>, application: string): Promise<boolean> {
  const locked = new Set([application, ...(await waitingWith(transaction, application))]);
  for (const each of [...locked].sort()) await lockPromotions(transaction, each);
  return (await waitingWith(transaction, application)).every((each) => locked.has(each));
}

async function waitingWith(transaction: Transaction<Schema>, application: string): Promise<string[]> {
  const rows = await transaction
    .selectFrom('promotions as own')
    .innerJoin('promotions as other', 'other.promotion_set', 'own.promotion_set')
    .select('other.application')
    .distinct()
    .where('own.application', '=', application)
    .where('own.state', 'in', ['waiting', 'pinning'])
    .where('other.ended_at', 'is', null)
    .execute();
  return rows.map((row) => row.application);
}

/**
 * Changes promotions that have not ended.
 * @returns them, as they are now
 * @throws FairwayError `promotion-moved` (again) where one of them has ended meanwhile
 */
export async function changePromotions(
  transaction: Transaction<Schema>,
  ids: readonly number[],
  changes: Changes,
): Promise<PromotionRow[]> {
  const rows = await transaction
    .updateTable('promotions')
    .set({ ...changes, generation: sql<number>`generation + 1` })
    .where('id', 'in', [...ids])
    .where('ended_at', 'is', null)
    .returningAll()
    .execute();
  if (rows.length === ids.length) return rows;
  throw new FairwayError('promotion-moved', `A promotion of ${ids.join(', ')} has ended meanwhile.`, {
    retry: 'again',
  });
}

/**
 * Lets promotions whose commit is on its way wait at their gates again; those that are past that, and rollbacks, which
 * wait at none, go on.
 * @param now milliseconds since the epoch
 * @returns those that wait
 */
export async function recallPromotions(
  transaction: Transaction<Schema>,
  ids: readonly number[],
  now: number,
): Promise<PromotionRow[]> {
  const rows = await transaction
    .updateTable('promotions')
    .set({ state: 'waiting', waits: '[]', state_since: new Date(now), generation: sql<number>`generation + 1` })
    .where('id', 'in', [...ids])
    .where('state', '=', 'pinning')
    .where('kind', '!=', 'rollback')
    .returningAll()
    .execute();
  for (const row of rows) await recordPromotion(transaction, row, { actor: 'hub', action: 'promotion.recall' });
  return rows;
}

/** Ends a promotion. @param now milliseconds since the epoch */
export async function endPromotion(
  transaction: Transaction<Schema>,
  id: number,
  state: 'settled' | 'rolled-back' | 'rejected' | 'aborted' | 'superseded' | 'failed',
  reason: string | null,
  now: number,
  actor = 'hub',
): Promise<PromotionRow> {
  const at = new Date(now);
  const ended = { state, state_reason: reason, state_since: at, ended_at: at, waits: '[]' };
  const [row] = await changePromotions(transaction, [id], ended);
  if (row === undefined) throw new Error(`promotion ${id} is not there`);
  await recordPromotion(transaction, row, { actor, action: endings[state], ...(reason === null ? {} : { reason }) });
  return row;
}

const endings = {
  settled: 'promotion.settle',
  'rolled-back': 'promotion.roll-back',
  rejected: 'promotion.reject',
  aborted: 'promotion.abort',
  superseded: 'promotion.supersede',
  failed: 'promotion.fail',
} as const;

/** What is said of a change of a promotion, beside the promotion itself. */
interface PromotionEntry extends Pick<LedgerEntry, 'actor' | 'action' | 'approvers'> {
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The ledger row of a change of a promotion (U1). */
export async function recordPromotion(
  transaction: Transaction<Schema>,
  row: PromotionRow,
  { reason, detail, ...entry }: PromotionEntry,
): Promise<void> {
  const { id, environment, application, release, revision, plan_digest, pin_commit, kind, origin } = row;
  await record(transaction, [
    {
      ...{ ...entry, subject: `promotion/${id}`, environment, application },
      ...(release === null ? {} : { release }),
      ...(plan_digest === null ? {} : { digestAfter: plan_digest }),
      ...(pin_commit === null ? {} : { commit: pin_commit }),
      detail: { kind, origin, revision, ...(reason === undefined ? {} : { reason }), ...detail },
    },
  ]);
}

/** The applications of the other promotions of a set. */
export async function othersOfSet(
  transaction: Transaction<Schema>,
  { id, promotion_set }: PromotionRow,
): Promise<string[]> {
  if (promotion_set === null) return [];
  const rows = await transaction
    .selectFrom('promotions')
    .select('application')
    .where('promotion_set', '=', promotion_set)
    .where('id', '!=', id)
    .where('ended_at', 'is', null)
    .execute();
  return rows.map(({ application }) => application);
}
