import type { Selectable, Transaction } from 'kysely';
import { canonicalJson, digestOf } from '../../core/canonical.ts';
import type { Pin } from '../../core/kinds/parse.ts';
import type { PinSpec } from '../../core/kinds/pin.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import type { Schema } from '../store/schema.ts';
import { compareWithLastGood, type Declared } from './last-good.ts';
import type { Scan } from './scan.ts';

type Row = Selectable<Schema['pins']>;

/**
 * Writes what the pins' branch says, each change with its ledger row (U1).
 * @param traceparent of the trace that began with this head
 * @returns the applications of which a pin changed
 */
export async function writePins(
  transaction: Transaction<Schema>,
  { items, files }: Scan<Pin>,
  commit: string,
  traceparent: string | null,
): Promise<string[]> {
  const rows = await transaction.selectFrom('pins').selectAll().execute();
  const stored = new Map(rows.map((row) => [keyOf(row), row]));
  const { changed, removed } = compareWithLastGood(items.map(declared), rows.map(declared), files);

  const set = items.filter((pin) => changed.has(keyOf(pin)));
  for (const { environment, application, spec, file } of set) {
    const before = stored.get(keyOf({ environment, application }));
    // Another hold or another file asks for no other release: whoever answered for the pin still does (P6).
    const isJudged = before?.revision === spec.revision && (before.spec as PinSpec).source === spec.source;
    const values = {
      ...{ spec: JSON.stringify(spec), revision: spec.revision, commit, file, traceparent },
      ...(isJudged ? {} : { promotion: null }),
    };
    await transaction
      .insertInto('pins')
      .values({ environment, application, ...values })
      .onConflict((conflict) => conflict.columns(['environment', 'application']).doUpdateSet(values))
      .execute();
  }
  const gone = rows.filter((row) => removed.has(keyOf(row)));
  for (const { environment, application } of gone) {
    await transaction
      .deleteFrom('pins')
      .where('environment', '=', environment)
      .where('application', '=', application)
      .execute();
  }
  await record(transaction, [
    ...set.map((pin) => entryOf(pin, stored.get(keyOf(pin)) ?? null, pin, commit)),
    ...gone.map((row) => entryOf(row, row, null, commit)),
  ]);
  return [...new Set([...set, ...gone].map(({ application }) => application))];
}

type Key = Pick<Row, 'environment' | 'application'>;

function keyOf({ environment, application }: Key): string {
  return `${environment}/${application}`;
}

function declared(pin: Pin | Row): Declared {
  return { key: keyOf(pin), file: pin.file, digest: digestOf(canonicalJson({ spec: pin.spec, file: pin.file })) };
}

function entryOf(
  { environment, application }: Key,
  before: Row | null,
  after: Pin | null,
  commit: string,
): LedgerEntry {
  return {
    actor: 'hub',
    action: before === null ? 'pin.create' : after === null ? 'pin.remove' : 'pin.change',
    subject: `pin/${environment}/${application}`,
    environment,
    application,
    ...(before === null ? {} : { digestBefore: digestOf(canonicalJson(before.spec)) }),
    ...(after === null ? {} : { digestAfter: digestOf(canonicalJson(after.spec)) }),
    commit,
    detail: {
      file: after?.file ?? before?.file,
      before: before?.revision ?? null,
      revision: after?.spec.revision ?? null,
    },
  };
}
