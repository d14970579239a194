import { sql, type Transaction } from 'kysely';
import type { Notice } from '../../core/notification/notice.ts';
import { wants } from '../../core/notification/wants.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { NotificationContext } from './context.ts';
import { declaredNotifications } from './declared.ts';
import type { Draft } from './draft.ts';
import { findFights } from './find-drift.ts';
import { findRollouts, findWaitingPromotions } from './find-moves.ts';
import { findSilence } from './find-silence.ts';

/** How long what was told is kept. */
const kept = '30 days';

/**
 * Looks through the fleet for what is to be told and was not, and writes it down with a delivery for each declared
 * notification that wants it: in one transaction, so that nothing is told twice or forgotten, whoever looks and
 * whenever a hub dies (R11, X1).
 * @returns the notifications that have something to deliver now
 */
export async function lookForNotices({ db, now }: Pick<NotificationContext, 'db' | 'now'>): Promise<readonly string[]> {
  return inTransaction(db, async (transaction) => {
    const at = new Date(now());
    const watchedSince = await watch(transaction, at.getTime());
    const drafts = [
      ...(await findWaitingPromotions(transaction)),
      ...(await findRollouts(transaction)),
      ...(await findFights(transaction)),
      ...(await findSilence(transaction, at.getTime(), watchedSince)),
    ];
    await sql`delete from notices where created_at < now() - ${kept}::interval`.execute(transaction);
    const notices = await storeNotices(transaction, drafts);
    if (notices.length === 0) return [];
    const declared = await declaredNotifications(transaction);
    const deliveries = notices.flatMap((notice) =>
      [...declared]
        .filter(([, spec]) => wants(spec, notice))
        .map(([notification]) => ({ notice: notice.id, notification, next_at: at })),
    );
    if (deliveries.length > 0) await transaction.insertInto('deliveries').values(deliveries).execute();
    return [...new Set(deliveries.map(({ notification }) => notification))];
  });
}

/** @returns those that nobody else has stored */
async function storeNotices(transaction: Transaction<Schema>, drafts: readonly Draft[]): Promise<readonly Notice[]> {
  if (drafts.length === 0) return [];
  const rows = await transaction
    .insertInto('notices')
    .values(
      drafts.map(({ origin, facts, environments, ...draft }) => ({
        ...draft,
        environments: [...environments],
        facts: JSON.stringify(facts),
        source: origin?.source ?? null,
        commit: origin?.commit ?? null,
      })),
    )
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning(['id', 'key'])
    .execute();
  const byKey = new Map(drafts.map((draft) => [draft.key, draft]));
  return rows.flatMap(({ id, key }) => {
    const draft = byKey.get(key);
    return draft === undefined ? [] : [{ ...draft, id }];
  });
}

const setting = 'notices-watch';
/** After a longer pause between two looks the hub itself was away, or its database, in milliseconds. */
const longestPause = 60_000;

interface Watch {
  readonly since: number;
  readonly lookedAt: number;
}

/**
 * Notes that there was a look.
 * @returns since when there were looks without a long pause, by whichever replica; milliseconds since the epoch
 */
async function watch(transaction: Transaction<Schema>, now: number): Promise<number> {
  const row = await transaction
    .selectFrom('settings')
    .select('value')
    .where('name', '=', setting)
    .forUpdate()
    .executeTakeFirst();
  const before = row?.value as Watch | undefined;
  const isUnbroken = before !== undefined && now - before.lookedAt < longestPause;
  const watch: Watch = { since: isUnbroken ? before.since : now, lookedAt: now };
  const value = JSON.stringify(watch);
  await transaction
    .insertInto('settings')
    .values({ name: setting, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
  return watch.since;
}
