import { sql } from 'kysely';
import type { NotificationSpec } from '../../core/kinds/notification.ts';
import type { Notice } from '../../core/notification/notice.ts';
import { type AfterAttempt, afterAttempt } from '../../core/notification/retry.ts';
import { compose } from './compose.ts';
import type { NotificationContext } from './context.ts';
import { declaredNotifications } from './declared.ts';

/** A delivery that was taken is not taken by another replica for so long, in milliseconds; an attempt takes less. */
const lease = 60_000;
/** One run ends after so many, so that a hub that stops waits for no more. */
const most = 100;

interface Taken {
  readonly id: number;
  readonly attempts: number;
  readonly notice: Notice;
}

/**
 * Delivers what is due of one notification, in the order in which it happened, at least once each.
 * @returns milliseconds until more is due; undefined: nothing is
 */
export async function deliverDue(
  context: NotificationContext,
  name: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const spec = (await declaredNotifications(context.db)).get(name) ?? null;
  for (let count = 0; count < most && !signal.aborted; count++) {
    const taken = await take(context, name);
    if (taken === null) return untilNext(context, name);
    await finish(context, taken, await attempt(context, spec, taken, name));
  }
  return 0;
}

async function attempt(
  context: NotificationContext,
  spec: NotificationSpec | null,
  taken: Taken,
  name: string,
): Promise<AfterAttempt | { readonly state: 'superseded' }> {
  if (spec === null) return { state: 'dead', reason: `no notification ${name} is declared any more` };
  if (spec.format === 'commit-status' && (await isOld(context, name, taken))) return { state: 'superseded' };
  const composed = await compose(context, spec, taken.notice);
  const result =
    'lacking' in composed
      ? ({ type: 'failed', reason: composed.lacking, after: null } as const)
      : await context.post(composed.outgoing);
  return afterAttempt(result, taken.attempts, context.random());
}

/** Takes the oldest that is due, for as long as an attempt may take. */
async function take({ db, now }: NotificationContext, name: string): Promise<Taken | null> {
  const at = now();
  const { rows } = await sql<Taken & { notice: Notice & { source: string | null; commit: string | null } }>`
    with taken as (
      update deliveries set attempts = attempts + 1, next_at = ${new Date(at + lease)}
      where id = (
        select id from deliveries where notification = ${name} and state = 'waiting' and next_at <= ${new Date(at)}
        order by id limit 1 for update skip locked
      ) returning id, attempts, notice
    ) select taken.id, taken.attempts, to_jsonb(n) as notice from taken join notices n on n.id = taken.notice`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { source, commit, at: since, ...rest } = row.notice;
  const origin = source === null || commit === null ? null : { source, commit };
  return { ...row, notice: { ...rest, at: new Date(since).toISOString(), origin } };
}

/** A commit's status that a later one has overtaken: told now, it would stand in its place. */
async function isOld({ db }: NotificationContext, name: string, { id, notice }: Taken): Promise<boolean> {
  const { rows } = await sql<{ newer: boolean }>`
    select exists (
      select from deliveries d join notices n on n.id = d.notice
      where d.notification = ${name} and d.id > ${id} and n.source = ${notice.origin?.source ?? null}
        and n.commit = ${notice.origin?.commit ?? null} and n.application = ${notice.application}
        and n.environments = ${[...notice.environments]}::text[]
    ) as newer`.execute(db);
  return rows[0]?.newer === true;
}

/** Writes down what became of it, unless somebody else has taken it meanwhile. */
async function finish(
  { db, now, log }: NotificationContext,
  { id, attempts, notice }: Taken,
  after: AfterAttempt | { readonly state: 'superseded' },
): Promise<void> {
  const ended = after.state !== 'waiting';
  await db
    .updateTable('deliveries')
    .set({
      state: after.state,
      reason: 'reason' in after ? after.reason : null,
      ...(ended ? { ended_at: new Date(now()) } : { next_at: new Date(now() + after.pause) }),
    })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .where('state', '=', 'waiting')
    .execute();
  if (after.state === 'dead')
    log.warn({ delivery: id, type: notice.type, reason: after.reason }, 'a notice is not delivered');
}

async function untilNext({ db, now }: NotificationContext, name: string): Promise<number | undefined> {
  const { next } = await db
    .selectFrom('deliveries')
    .select((select) => select.fn.min('next_at').as('next'))
    .where('notification', '=', name)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return next === null ? undefined : Math.max(100, next.getTime() - now());
}

/**
 * Puts a delivery that has ended on its way again, with all of its attempts.
 * @returns the notification that it goes to; null where there is no such delivery, or it has not ended
 */
export async function redeliver(
  { db, now }: Pick<NotificationContext, 'db' | 'now'>,
  id: number,
): Promise<string | null> {
  const row = await db
    .updateTable('deliveries')
    .set({ state: 'waiting', attempts: 0, next_at: new Date(now()), ended_at: null, reason: null })
    .where('id', '=', id)
    .where('state', '!=', 'waiting')
    .returning('notification')
    .executeTakeFirst();
  return row?.notification ?? null;
}
