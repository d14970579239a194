import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import { noSpans, type Spans } from '../../telemetry/spans.ts';
import { isAboutContent } from '../store/refusal.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { type Report, toRows } from './reports.ts';
import { type Stored, storeReports } from './store-reports.ts';
import { traceTurns } from './turns.ts';

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
  readonly spans?: Spans;
  /** Is told what was committed. */
  readonly stored?: (reports: readonly Report[], stored: Stored) => void;
  /** Milliseconds that a report waits for others. @default 30 */
  readonly window?: number;
  /** Statuses and events in one transaction, about. @default 2 000 */
  readonly most?: number;
  /** Milliseconds for which a database that is away is waited for. @default 10 000 */
  readonly grace?: number;
}

interface Waiting {
  readonly report: Report;
  /** Milliseconds since the epoch. */
  readonly since: number;
  resolve(): void;
  reject(error: unknown): void;
}

const retryEvery = 500;

/** One transaction at a time; what comes meanwhile makes the next. */
export function createReportWriter(options: ReportWriterOptions): ReportWriter {
  const { db, log, now, spans = noSpans, stored, window = 30, most = 2_000, grace = 10_000 } = options;
  const waiting: Waiting[] = [];
  let running: Promise<void> | null = null;

  const store = async (batch: readonly Waiting[]) => {
    const reports = batch.map(({ report }) => report);
    const rows = toRows(reports, now());
    const written = await inTransaction(db, (transaction) => storeReports(transaction, rows));
    for (const { resolve } of batch) resolve();
    traceTurns(spans, written.turns, rows.statuses, Math.min(...batch.map(({ since }) => since)));
    stored?.(reports, written);
  };

  const takeBatch = (): readonly Waiting[] => {
    let weight = 0;
    let end = 0;
    for (const { report } of waiting) {
      if (end > 0 && weight > most) break;
      weight += report.type === 'status' ? report.statuses.length : report.events.length;
      end++;
    }
    return waiting.splice(0, end);
  };

  const storeAll = async (batch: readonly Waiting[]) => {
    const giveUpAt = performance.now() + grace;
    for (;;) {
      try {
        return await store(batch);
      } catch (error) {
        log.warn({ reports: batch.length, error: messageOf(error) }, 'reports cannot be stored');
        if (isAboutContent(error)) return storeOneByOne(batch);
        if (performance.now() > giveUpAt) return refuse(batch, error);
        await pause(retryEvery);
      }
    }
  };

  const refuse = (batch: readonly Waiting[], error: unknown) => {
    for (const { reject } of batch) reject(error);
  };

  /** One bad report must not take the others with it. */
  const storeOneByOne = async (batch: readonly Waiting[]) => {
    for (const one of batch) {
      try {
        await store([one]);
      } catch (error) {
        log.warn({ cluster: one.report.cluster, error: messageOf(error) }, 'a report cannot be stored');
        one.reject(error);
      }
    }
  };

  const run = async () => {
    await pause(window);
    while (waiting.length > 0) {
      await storeAll(takeBatch());
    }
    running = null;
  };

  return {
    write(report) {
      const written = new Promise<void>((resolve, reject) => waiting.push({ report, since: now(), resolve, reject }));
      running ??= run();
      return written;
    },
    idle: () => running ?? Promise.resolve(),
  };
}
