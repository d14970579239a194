import pg from 'pg';
import type { Logger } from 'pino';

/** Where the database is: what `pg` takes. A URL may hold a password, so it is never logged. */
export type DatabaseAddress =
  | { readonly connectionString: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

export interface PoolOptions {
  /** Most connections at once. */
  readonly size: number;
  /** Shown by PostgreSQL beside the connection. */
  readonly name: string;
  /** Where names without a schema are looked for; left out, PostgreSQL's own default. */
  readonly searchPath?: string;
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
    ...(options.searchPath === undefined ? {} : { options: `-c search_path=${options.searchPath}` }),
    types,
  });
  pool.on('error', (error) => log.warn({ error: error.message, pool: options.name }, 'a database connection broke'));
  // A connection that is in use when it breaks tells its user through the query, and says so here as well.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
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

/** `host:port/database`, without the user and the password. */
export function describeAddress(address: DatabaseAddress): string {
  if (!('connectionString' in address)) return `${address.host}/${address.database}`;
  try {
    const url = new URL(address.connectionString);
    return `${url.hostname || url.searchParams.get('host') || 'localhost'}:${url.port || 5432}${url.pathname}`;
  } catch {
    return 'the address of --database-url';
  }
}
