import type { Transaction } from 'kysely';
import type { Problem } from '../../core/errors.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { decideApplications, type FoundApplication } from './decide-applications.ts';

export interface WrittenApplications {
  /** Names of those that are new or have another tree. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  readonly problems: readonly Problem[];
}

/** The commit that applications are found at, if any; when it was taken; and the trace that began then. */
export interface TakenAt {
  readonly commit: string | null;
  readonly at: Date;
  readonly traceparent: string | null;
}

/** Writes which applications a source holds at a commit (G2, G9), each change with its ledger row (U1). */
export async function writeApplications(
  transaction: Transaction<Schema>,
  source: string,
  tenants: readonly string[],
  found: readonly FoundApplication[],
  { commit, at, traceparent }: TakenAt,
): Promise<WrittenApplications> {
  const rows = await transaction.selectFrom('applications').selectAll().execute();
  const known = rows.map((row) => ({ ...row, removed: row.removed_at !== null }));
  const { changes, gone, problems } = decideApplications(source, tenants, found, known);
  const entries: LedgerEntry[] = [];
  const entry = (name: string, action: string, detail: Readonly<Record<string, unknown>>) =>
    entries.push({
      ...{ actor: 'hub', action, subject: `application/${name}`, application: name, detail: { source, ...detail } },
      ...(commit === null ? {} : { commit }),
    });

  for (const { type, name, tenant, path, tree } of changes) {
    if (commit === null) throw new Error(`no commit holds the application ${name}`);
    const place = { source, path, tree, tenant, commit, traceparent, seen_at: at, removed_at: null };
    await transaction
      .insertInto('applications')
      .values({ name, spec: null, newest_release: null, ...place })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(place))
      .execute();
    const before = rows.find((row) => row.name === name);
    if (before !== undefined && before.tenant !== tenant)
      entry(name, 'application.tenant', { before: before.tenant, after: tenant });
    if (type === 'appeared') entry(name, 'application.appear', { path });
    if (type === 'returned') entry(name, 'application.return', { path });
    if (type === 'moved')
      entry(name, 'application.move', { path, from: { source: before?.source, path: before?.path } });
  }
  for (const name of gone) {
    await transaction.updateTable('applications').set({ removed_at: at }).where('name', '=', name).execute();
    entry(name, 'application.disappear', {});
  }
  await record(transaction, entries);
  return { changed: changes.map(({ name }) => name), gone, problems };
}
