import type { Transaction } from 'kysely';
import { canonicalJson } from '../../core/canonical.ts';
import type { Declaration } from '../../core/kinds/parse.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';
import { decideClusters } from './decide-clusters.ts';

/** What declarations change beyond their own table: the sources that are followed, and the clusters' labels. */

/** @returns names of the sources that appeared, changed or went */
export async function writeSources(
  transaction: Transaction<Schema>,
  declarations: readonly Declaration[],
  commit: string,
  now: Date,
): Promise<string[]> {
  const rows = await transaction.selectFrom('sources').selectAll().where('origin', '=', 'declared').execute();
  const known = new Map(rows.map((row) => [row.name, row]));
  const declared = new Set<string>();
  const entries: LedgerEntry[] = [];
  for (const declaration of declarations) {
    if (declaration.kind !== 'Source') continue;
    const { name, spec } = declaration;
    declared.add(name);
    const row = known.get(name);
    if (row?.removed_at === null && canonicalJson(row.spec) === canonicalJson(spec)) continue;
    const values = { spec: JSON.stringify(spec), removed_at: null };
    await transaction
      .insertInto('sources')
      .values({ name, origin: 'declared', ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute();
    const action = row?.removed_at === null ? 'source.change' : 'source.follow';
    entries.push({ actor: 'hub', action, subject: `source/${name}`, commit, detail: { url: spec.url } });
  }
  for (const { name, removed_at } of rows) {
    if (declared.has(name) || removed_at !== null) continue;
    await transaction.updateTable('sources').set({ removed_at: now }).where('name', '=', name).execute();
    entries.push({ actor: 'hub', action: 'source.leave', subject: `source/${name}`, commit });
  }
  await record(transaction, entries);
  return entries.map(({ subject }) => subject.slice('source/'.length));
}

/** @returns names of the clusters whose labels or allowance changed */
export async function writeClusters(
  transaction: Transaction<Schema>,
  declarations: readonly Declaration[],
  commit: string,
): Promise<string[]> {
  const declared = declarations.filter((declaration) => declaration.kind === 'Cluster');
  const known = await transaction
    .selectFrom('clusters')
    .select(['name', 'declared_labels', 'allow'])
    .forUpdate()
    .execute();
  const before = new Map(known.map((cluster) => [cluster.name, cluster]));
  const changes = decideClusters(declared, known);
  for (const { name, labels, allow } of changes) {
    await transaction
      .updateTable('clusters')
      .set({
        declared_labels: labels === null ? null : JSON.stringify(labels),
        ...(allow === undefined ? {} : { allow: JSON.stringify(allow) }),
      })
      .where('name', '=', name)
      .execute();
  }
  const bounded = changes.filter(({ allow }) => allow !== undefined).map(({ name }) => name);
  if (bounded.length > 0) await publishNews(transaction, { type: 'desired', clusters: bounded });
  await record(
    transaction,
    changes.map(({ name, labels, allow }) => ({
      actor: 'hub',
      action: 'cluster.declare',
      subject: `cluster/${name}`,
      cluster: name,
      commit,
      detail: {
        labels: { before: before.get(name)?.declared_labels ?? null, after: labels },
        ...(allow === undefined ? {} : { allow: { before: before.get(name)?.allow ?? null, after: allow } }),
      },
    })),
  );
  return changes.map(({ name }) => name);
}
