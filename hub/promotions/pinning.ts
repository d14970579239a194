import type { Kysely } from 'kysely';
import { timed } from '../../core/promotion/gates.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { PromotionContext } from './context.ts';
import { lockPromotions, type PromotionRow, recallPromotions, recordPromotion } from './records.ts';

/**
 * Records the commit of promotions before it is pushed (G10).
 * @returns false where one of them goes another way meanwhile
 */
export function noteCommit(db: Kysely<Schema>, group: readonly PromotionRow[], commit: string): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    const rows = await transaction
      .selectFrom('promotions')
      .selectAll()
      .where('id', 'in', idsOf(group))
      .where('state', '=', 'pinning')
      .orderBy('id')
      .forUpdate()
      .execute();
    if (rows.length < group.length) return false;
    if (rows.every(({ pin_commit }) => pin_commit === commit)) return true;
    await transaction.updateTable('promotions').set({ pin_commit: commit }).where('id', 'in', idsOf(group)).execute();
    for (const row of rows) {
      await recordPromotion(transaction, { ...row, pin_commit: commit }, { actor: 'hub', action: 'promotion.commit' });
    }
    return true;
  });
}

/**
 * Decides again: what was decided on is not what Git says. A rollback stays on its way: once Git is read, it comes over
 * what the hub wrote there, or gives way to a person's pin (R6).
 */
export function reconsider({ db, now }: PromotionContext, group: readonly PromotionRow[]): Promise<void> {
  return inTransaction(db, async (transaction) => {
    for (const application of group.map((row) => row.application).sort())
      await lockPromotions(transaction, application);
    await recallPromotions(transaction, idsOf(group), now());
  });
}

/**
 * Says why a commit is not in Git yet.
 * @param branch what a person is to merge; null: that would not help
 */
export async function notePushWait(
  { db, now }: PromotionContext,
  group: readonly PromotionRow[],
  branch: string | null,
  reason: string,
): Promise<void> {
  for (const { id, waits } of group) {
    const wait = timed({ gate: 'push', name: branch, reason, since: null, deadline: null }, waits, now());
    await db
      .updateTable('promotions')
      .set({ waits: JSON.stringify([wait]) })
      .where('id', '=', id)
      .where('state', '=', 'pinning')
      .execute();
  }
}

/** Who approved, by promotion. */
export async function loadApprovers(
  db: Kysely<Schema>,
  group: readonly PromotionRow[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const rows = await db
    .selectFrom('approvals')
    .select(['promotion', 'actor'])
    .where('promotion', 'in', idsOf(group))
    .where('decision', '=', 'approve')
    .where('voided_at', 'is', null)
    .orderBy('id')
    .execute();
  return new Map(
    [...Map.groupBy(rows, ({ promotion }) => promotion)].map(([id, own]) => [id, own.map(({ actor }) => actor)]),
  );
}

/** Of promotions, those that somebody lets move a pin that is held (P5). */
export async function loadHoldOverrides(
  db: Kysely<Schema>,
  group: readonly PromotionRow[],
): Promise<ReadonlySet<number>> {
  const rows = await db
    .selectFrom('overrides')
    .select('promotion')
    .where('promotion', 'in', idsOf(group))
    .where('gate', '=', 'hold')
    .execute();
  return new Set(rows.map(({ promotion }) => promotion));
}

function idsOf(group: readonly PromotionRow[]): number[] {
  return group.map(({ id }) => id);
}
