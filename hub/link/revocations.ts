import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { createOutage } from '../../telemetry/outage.ts';
import type { Schema } from '../store/schema.ts';

export interface RevocationWatch {
  /** True while the database could not be read for longer than is safe (T3). */
  isBlind(): boolean;
  stop(): void;
}

export interface RevocationOptions {
  readonly db: Kysely<Schema>;
  readonly log: Logger;
  readonly now: () => number;
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Milliseconds without the database after which no stream is served. */
  readonly grace: number;
  /** Serials that were revoked of late, again at each look. */
  revoked(serials: ReadonlySet<string>): void;
  looked(at: number): void;
  /** The database has been away for too long. */
  blind(): void;
}

/** How far back a look goes, in milliseconds: longer than replicas' clocks differ and a replica may be blind. */
const lookBack = 10 * 60_000;

/** Looks for revocations in the database, so that no lost news of one matters (T3). */
export function watchRevocations(options: RevocationOptions): RevocationWatch {
  const { db, log, now, interval, grace, revoked, looked, blind } = options;
  // Deadlines of trust are measured on a clock that nobody sets.
  let sawAt = performance.now();
  let looking = false;
  const outage = createOutage(log, 'cannot look for revocations');

  const isBlind = () => performance.now() - sawAt > grace;

  const look = async () => {
    const startedAt = performance.now();
    const rows = await db
      .selectFrom('certificates')
      .select('serial')
      .where('revoked_at', '>', new Date(now() - lookBack))
      .execute();
    sawAt = startedAt;
    if (rows.length > 0) revoked(new Set(rows.map(({ serial }) => serial)));
  };

  const timer = setInterval(() => {
    looked(now());
    if (isBlind()) blind();
    if (looking) return;
    looking = true;
    look()
      .then(outage.worked, outage.failed)
      .finally(() => {
        looking = false;
      });
  }, interval);

  return { isBlind, stop: () => clearInterval(timer) };
}
