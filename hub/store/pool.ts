import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { FairwayError } from '../../core/errors.ts';

/** Where the database is: what `pg` takes. A URL may hold a password, so it is never logged. */
export type DatabaseAddress =
  | { readonly connectionString: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

export interface PoolOptions {
  /** Most connections at once. */
  readonly size: number;
  /** Shown by PostgreSQL beside the connection. */
  readonly name: string;
  /** Settings of PostgreSQL for each connection: names and values without spaces. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Milliseconds after which the server ends a statement; none where a statement may wait for long. */
  readonly statementTimeout?: number;
}

/**
 * A pool whose connections may break at any time without harm: a broken one is logged and replaced.
 * `bigint` is read as a number.
 */
export function createPool(address: DatabaseAddress, options: PoolOptions, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...address,
    max: options.size,
    application_name: `fairway ${options.name}`,
    keepAlive: true,
    connectionTimeoutMillis: 15_000,
    ...(options.statementTimeout === undefined ? {} : { statement_timeout: options.statementTimeout }),
    ...(options.settings === undefined ? {} : { options: toOptions(options.settings) }),
    types,
  });
  pool.on('error', (error) => log.warn({ error: error.message, pool: options.name }, 'a database connection broke'));
  // A connection that is in use when it breaks tells its user through the query, and says so here as well.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Waits until every connection is closed, which `pool.end()` alone does not.
 * @param end what ends the pool, where that is not done here
 */
export async function closePool(pool: pg.Pool, end: () => Promise<void> = () => pool.end()): Promise<void> {
  let open = pool.totalCount;
  const closed = new Promise<void>((resolve) => {
    if (open === 0) resolve();
    pool.on('remove', () => {
      open -= 1;
      if (open === 0) resolve();
    });
  });
  await end();
  await Promise.race([closed, sleep(2000, undefined, { ref: false })]);
}

function toOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

const BIGINT = 20;

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === BIGINT ? readBigint : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** @throws RangeError where a number cannot hold it exactly */
function readBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for a number`);
  return value;
}

/**
 * `host:port/database`, without the user and the password.
 * @throws FairwayError `database-url-invalid`
 */
export function describeAddress(address: DatabaseAddress): string {
  try {
    if ('connectionString' in address && !/^postgres(ql)?:\/\//.test(address.connectionString)) {
      throw new TypeError('another scheme');
    }
    // Reads the address as a connection would, and makes none.
    const { host, port, database } = new pg.Client(address);
    return `${host}:${port}/${database ?? ''}`;
  } catch {
    // Not passed on as the cause: it quotes the address, password and all.
    throw new FairwayError('database-url-invalid', 'The address of the database is no URL of a PostgreSQL.', {
      field: 'FAIRWAY_DATABASE_URL',
      remedy: 'Give it as postgresql://user:password@host:port/database, with special characters percent-encoded.',
    });
  }
}
