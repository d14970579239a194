import { sql, type Transaction } from 'kysely';
import { FairwayError, type Problem } from '../../core/errors.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import type { Head } from './head.ts';
import type { Commit } from './mirror.ts';

/** Where the pins' branch stands: it has no row of its own. */
export interface PinsHead {
  readonly commit: string | null;
  readonly rewritten: string | null;
}

/** Name of the setting that holds the `PinsHead`. */
const pinsHeadSetting = 'pins-head';

/** Of the fleet's pins; nothing where no pins' branch was ever seen. */
export async function readPinsHead(db: Pick<Transaction<Schema>, 'selectFrom'>): Promise<PinsHead> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', pinsHeadSetting).executeTakeFirst();
  return (row?.value as PinsHead | undefined) ?? { commit: null, rewritten: null };
}

export async function writePinsHead(transaction: Transaction<Schema>, head: PinsHead): Promise<void> {
  const value = JSON.stringify(head);
  await transaction
    .insertInto('settings')
    .values({ name: pinsHeadSetting, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** Sources are taken one after the other, over all replicas: two never claim one application's name at once (R11). */
export async function lockSources(transaction: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('sources', 0))`.execute(transaction);
}

/**
 * Writes what the remote said of a source's own branch. A failure keeps the time since which it stands.
 * @param before the head that the decision was made on
 * @param commit that of the head in force
 * @throws FairwayError `source-moved` (again) where another replica took a head meanwhile
 */
export async function writeHead(
  transaction: Transaction<Schema>,
  source: string,
  before: string | null,
  head: Head,
  commit: Commit | null,
  now: Date,
): Promise<void> {
  const row = await transaction.selectFrom('sources').selectAll().where('name', '=', source).executeTakeFirst();
  if (row === undefined || row.head !== before) {
    throw new FairwayError('source-moved', `The source ${source} was changed meanwhile.`, { retry: 'again' });
  }
  const isNew = commit !== null && commit.id !== row.head;
  const { failure, rewritten } = head;
  await transaction
    .updateTable('sources')
    .set({
      ...(commit === null
        ? {}
        : {
            head: commit.id,
            head_committed_at: new Date(commit.committedAt),
            head_author: commit.author,
            head_message: commit.message,
          }),
      ...(isNew ? { head_seen_at: now } : {}),
      ...(failure === null
        ? { checked_at: now, rewritten_head: rewritten, error_code: null, error_message: null, error_since: null }
        : {
            error_code: failure.code,
            error_message: failure.message,
            error_since: row.error_code === failure.code && row.error_since !== null ? row.error_since : now,
          }),
    })
    .where('name', '=', source)
    .execute();

  const entries: LedgerEntry[] = [];
  const subject = `source/${source}`;
  if (isNew) {
    const detail = { before, author: commit.author, message: commit.message.split('\n', 1)[0] };
    entries.push({ actor: 'hub', action: 'source.head', subject, commit: commit.id, detail });
  }
  if (rewritten !== null && rewritten !== row.rewritten_head) {
    entries.push({ actor: 'hub', action: 'source.refuse-rewrite', subject, commit: rewritten, detail: { before } });
  }
  await record(transaction, entries);
}

/** What people are told of a branch whose history was rewritten (G7). */
export function rewriteProblem(source: string, branch: string, inForce: string | null, rewritten: string): Problem {
  const kept = inForce === null ? 'what was taken before stays in force' : `${inForce.slice(0, 12)} stays in force`;
  return {
    ...{ code: 'head-rewritten', severity: 'error', file: null, line: null, field: null },
    message: `the branch ${branch} was rewritten: ${rewritten.slice(0, 12)} does not descend from what was taken; ${kept}`,
    remedy: `push the old history back, or look at the new one and take it: fairway source accept ${source} ${rewritten}`,
  };
}
