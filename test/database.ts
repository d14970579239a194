import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { type Database, openDatabase } from '../hub/store/database.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../hub/store/embedded-postgres.ts';
import type { DatabaseAddress } from '../hub/store/pool.ts';
import type { Schema } from '../hub/store/schema.ts';

export interface TestDatabase {
  readonly db: Kysely<Schema>;
  readonly database: Database;
  /** What `pg`, `openDatabase`, the queue and the news take. */
  readonly address: Exclude<DatabaseAddress, { connectionString: string }>;
  /** The same as a URL, for another process. */
  readonly url: string;
  /** Closes `db` and drops the database; the last one stops the server. */
  stop(): Promise<void>;
}

/** What tests log by default: nothing but what is wrong. */
const log = pino({ level: 'fatal' });

interface Server {
  readonly postgres: EmbeddedPostgres;
  readonly directory: string;
}

let server: Promise<Server> | undefined;
let users = 0;

/** A fresh database in the hub's newest shape, in a real PostgreSQL that this process's tests share. */
export async function startTestDatabase(): Promise<TestDatabase> {
  users++;
  server ??= startServer();
  const { postgres } = await server;
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(postgres, `create database ${name}`);
  const address = { ...postgres.connection, database: name };
  const database = await openDatabase({ address, poolSize: 10, log });
  const query = new URLSearchParams({ host: address.host });
  return {
    db: database.db,
    database,
    address,
    url: `postgresql://${address.user}@/${name}?${query}`,
    stop: async () => {
      await database.close();
      await administer(postgres, `drop database ${name} with (force)`);
      users--;
      if (users === 0) await stopServer();
    },
  };
}

async function startServer(): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-test-'));
  return { postgres: await startEmbeddedPostgres(directory, log), directory };
}

async function stopServer(): Promise<void> {
  const stopping = server;
  server = undefined;
  const { postgres, directory } = (await stopping) ?? {};
  await postgres?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}

async function administer(postgres: EmbeddedPostgres, statement: string): Promise<void> {
  const client = new pg.Client(postgres.connection);
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
