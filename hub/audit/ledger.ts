import type { Transaction } from 'kysely';
import type { Schema } from '../store/schema.ts';

/** One change of intent, permission or cluster (U1). */
export interface LedgerEntry {
  /** `user:…`, `token:NAME`, `cluster:NAME`, `hub`. */
  readonly actor: string;
  /** `noun.verb`: `cluster.register`, `release.create`, `placement.assign`. */
  readonly action: string;
  /** `kind/name`: `cluster/eu-1`. */
  readonly subject: string;
  readonly cluster?: string;
  readonly environment?: string;
  readonly application?: string;
  readonly release?: string;
  readonly approvers?: readonly string[];
  readonly digestBefore?: string;
  readonly digestAfter?: string;
  readonly commit?: string;
  /** Facts for the reader; never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A statement of PostgreSQL takes 65,535 values; each row is twelve. */
const rowsAtOnce = 1_000;

/** Writes rows in the transaction of what they record: both stand, or neither does (U1). */
export async function record(transaction: Transaction<Schema>, entries: readonly LedgerEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += rowsAtOnce) {
    await insert(transaction, entries.slice(at, at + rowsAtOnce));
  }
}

async function insert(transaction: Transaction<Schema>, entries: readonly LedgerEntry[]): Promise<void> {
  await transaction
    .insertInto('ledger')
    .values(
      entries.map((entry) => ({
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        cluster: entry.cluster ?? null,
        environment: entry.environment ?? null,
        application: entry.application ?? null,
        release: entry.release ?? null,
        approvers: entry.approvers === undefined ? null : [...entry.approvers],
        digest_before: entry.digestBefore ?? null,
        digest_after: entry.digestAfter ?? null,
        commit: entry.commit ?? null,
        detail: JSON.stringify(entry.detail ?? {}),
      })),
    )
    .execute();
}
