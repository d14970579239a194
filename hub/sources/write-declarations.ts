import type { Selectable, Transaction } from 'kysely';
import { canonicalJson, digestOf } from '../../core/canonical.ts';
import type { Declaration } from '../../core/kinds/parse.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { compareWithLastGood, type Declared } from './last-good.ts';
import type { Scan } from './scan.ts';

type Row = Selectable<Schema['declarations']>;

export interface WrittenDeclarations {
  /** All that is in force now: what the commit says, and the last good version of what is broken (G6). */
  readonly inForce: readonly Declaration[];
  /** Kinds of which something changed. */
  readonly changedKinds: ReadonlySet<string>;
}

/** Writes what a commit declares: set, changed, removed, each with its ledger row (U1). */
export async function writeDeclarations(
  transaction: Transaction<Schema>,
  { items, files }: Scan<Declaration>,
  commit: string,
): Promise<WrittenDeclarations> {
  const rows = await transaction.selectFrom('declarations').selectAll().execute();
  const stored = new Map(rows.map((row) => [keyOf(row), row]));
  const { changed, removed, kept } = compareWithLastGood(items.map(declared), rows.map(declared), files);

  const set = items.filter((item) => changed.has(keyOf(item)));
  for (const { kind, name, labels, spec, file, line } of set) {
    const values = { spec: JSON.stringify(spec), labels: JSON.stringify(labels), file, line, commit };
    await transaction
      .insertInto('declarations')
      .values({ kind, name, ...values })
      .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet({ ...values, declared_at: new Date() }))
      .execute();
  }
  await moveLines(
    transaction,
    items.filter((item) => !changed.has(keyOf(item)) && stored.get(keyOf(item))?.line !== item.line),
  );
  const gone = rows.filter((row) => removed.has(keyOf(row)));
  for (const { kind, name } of gone) {
    await transaction.deleteFrom('declarations').where('kind', '=', kind).where('name', '=', name).execute();
  }
  await record(transaction, [
    ...set.map((item) => entryOf(item, stored.get(keyOf(item)) ?? null, item, commit)),
    ...gone.map((row) => entryOf(row, row, null, commit)),
  ]);
  return {
    inForce: [...items, ...rows.filter((row) => kept.has(keyOf(row))).map(asDeclaration)],
    changedKinds: new Set([...set, ...gone].map(({ kind }) => kind)),
  };
}

/** What moved within its file says nothing new, but is found elsewhere. */
async function moveLines(transaction: Transaction<Schema>, items: readonly Declaration[]): Promise<void> {
  for (const { kind, name, line } of items) {
    await transaction
      .updateTable('declarations')
      .set({ line })
      .where('kind', '=', kind)
      .where('name', '=', name)
      .execute();
  }
}

type Content = Pick<Row, 'kind' | 'name' | 'labels' | 'spec' | 'file'>;

function keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

function declared(item: Declaration | Row): Declared {
  const { labels, spec, file } = item;
  return { key: keyOf(item), file, digest: digestOf(canonicalJson({ labels, spec, file })) };
}

/** Rows hold only what the parser made. */
function asDeclaration({ kind, name, labels, spec, file, line }: Row): Declaration {
  return { kind, name, labels, spec, file, line } as Declaration;
}

function entryOf(
  { kind, name }: { readonly kind: string; readonly name: string },
  before: Omit<Content, 'kind' | 'name'> | null,
  after: Pick<Declaration, 'labels' | 'spec' | 'file'> | null,
  commit: string,
): LedgerEntry {
  const digest = (content: { readonly labels: unknown; readonly spec: unknown }) =>
    digestOf(canonicalJson({ labels: content.labels, spec: content.spec }));
  return {
    actor: 'hub',
    action: before === null ? 'declaration.create' : after === null ? 'declaration.remove' : 'declaration.change',
    subject: `${kind.toLowerCase()}/${name}`,
    ...(kind === 'Environment' ? { environment: name } : {}),
    ...(kind === 'Cluster' ? { cluster: name } : {}),
    ...(before === null ? {} : { digestBefore: digest(before) }),
    ...(after === null ? {} : { digestAfter: digest(after) }),
    commit,
    detail: { file: after?.file ?? before?.file },
  };
}
