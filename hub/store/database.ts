import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { migrate } from './migrate.ts';
import { closePool, createPool, type DatabaseAddress, describeAddress } from './pool.ts';
import type { Schema } from './schema.ts';

/** The hub's database, in the shape of this version. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly pool: pg.Pool;
  /** For those that need connections of their own: the queue and the news. */
  readonly address: DatabaseAddress;
  /** Waits for what runs, and closes every connection. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `{ connectionString }` of a PostgreSQL 15 or later, or an embedded one's `connection`. */
  readonly address: DatabaseAddress;
  /** Most connections at once. @default 16 */
  readonly poolSize?: number;
  /** Milliseconds to wait for PostgreSQL to answer. @default 30 000 */
  readonly connectWithin?: number;
  readonly log: Logger;
}

/** Milliseconds. No statement of the hub's takes a tenth of it; one that does is stuck, and holds locks. */
const STATEMENT_TIMEOUT = 30_000;
const OLDEST_SERVER = 15;

/**
 * Connects, waiting for a PostgreSQL that is still starting, and brings the schema to this version's.
 * @throws FairwayError `database-url-invalid`, `database-unreachable`, `database-refused`, `database-too-old`, `database-newer`, `database-migration-failed`
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { address, log } = options;
  const where = describeAddress(address);
  // A migration may take long, so this one has no statement timeout.
  const first = createPool(address, { size: 2, name: 'migration' }, log);
  const migrating = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: first }) });
  try {
    await untilAnswers(first, where, options.connectWithin ?? 30_000, log);
    await refuseOldServer(first);
    await migrate(migrating);
  } finally {
    await closePool(first, () => migrating.destroy());
  }

  const size = options.poolSize ?? 16;
  const pool = createPool(address, { size, name: 'hub', statementTimeout: STATEMENT_TIMEOUT }, log);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, address, close: () => closePool(pool, () => db.destroy()) };
}

async function untilAnswers(pool: pg.Pool, where: string, within: number, log: Logger): Promise<void> {
  const deadline = Date.now() + within;
  for (let attempt = 0; ; attempt++) {
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      const reason = describeFailure(error);
      if (isRefusal(error)) {
        throw new FairwayError('database-refused', `PostgreSQL at ${where} refuses the hub: ${reason}`, {
          field: 'FAIRWAY_DATABASE_URL',
          remedy: 'Check the user, the password and the name of the database.',
        });
      }
      if (Date.now() > deadline) {
        throw new FairwayError('database-unreachable', `PostgreSQL at ${where} does not answer: ${reason}`, {
          field: 'FAIRWAY_DATABASE_URL',
          remedy: 'Check that it runs and that the hub may reach it.',
          retry: 'again',
        });
      }
      if (attempt % 10 === 0) log.info({ database: where, reason }, 'waiting for PostgreSQL');
      await sleep(Math.min(1000, 50 * 2 ** attempt));
    }
  }
}

/** Wrong password, role or database, no right to connect: waiting mends none of them. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(28|3D|42)/.test(String(error.code));
}

/** A host with several addresses fails with one error for each, and no message of its own. */
function describeFailure(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
}

async function refuseOldServer(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ number: number; name: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as name`,
  );
  const [server] = rows;
  if (server !== undefined && server.number < OLDEST_SERVER * 10_000) {
    throw new FairwayError('database-too-old', `PostgreSQL ${server.name} is too old: Fairway needs 15 or later.`, {
      field: 'FAIRWAY_DATABASE_URL',
      remedy: 'Upgrade it, or leave --database-url out for the embedded PostgreSQL 18.',
    });
  }
}
