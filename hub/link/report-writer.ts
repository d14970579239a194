import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { type Report, toRows } from './reports.ts';
import { storeReports } from './store-reports.ts';

/** Stores what all streams report, many reports in one transaction. */
export interface ReportWriter {
  /** Resolves once the report is committed. @throws the database's error where it cannot be stored */
  write(report: Report): Promise<void>;
  /** Resolves once everything that was written before is stored or has failed. */
  idle(): Promise<void>;
}

export interface ReportWriterOptions {
  readonly db: Kysely<Schema>;
  readonly log: Logger;
  readonly now: () => number;
  /** Milliseconds that a report waits for others. @default 30 */
  readonly window?: number;
  /** Reports in one transaction. @default 500 */
  readonly most?: number;
}

interface Waiting {
  readonly report: Report;
  resolve(): void;
  reject(error: unknown): void;
}

/** One transaction at a time; what comes meanwhile makes the next. */
export function createReportWriter({ db, log, now, window = 30, most = 500 }: ReportWriterOptions): ReportWriter {
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;

  const store = (reports: readonly Report[]) => {
    const rows = toRows(reports, now());
    return inTransaction(db, (transaction) => storeReports(transaction, rows));
  };

  /** One bad report must not take the others with it. */
  const storeOneByOne = async (batch: readonly Waiting[]) => {
    for (const { report, resolve, reject } of batch) {
      try {
        await store([report]);
        resolve();
      } catch (error) {
        log.warn({ cluster: report.cluster, error: messageOf(error) }, 'a report cannot be stored');
        reject(error);
      }
    }
  };

  const run = async () => {
    await new Promise((resolve) => setTimeout(resolve, window));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        await store(batch.map(({ report }) => report));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        log.warn({ reports: batch.length, error: messageOf(error) }, 'reports cannot be stored together');
        await storeOneByOne(batch);
      }
    }
    running = null;
  };

  return {
    write(report) {
      const written = new Promise<void>((resolve, reject) => waiting.push({ report, resolve, reject }));
      running ??= run();
      return written;
    },
    idle: () => running ?? Promise.resolve(),
  };
}
