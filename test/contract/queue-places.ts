import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { hasRedis, startTestRedis, type TestRedis } from '../redis.ts';

/** Where jobs can be kept: each suite about the queue runs on all of them. */

/** What a suite does to a backend from outside. */
export interface Place {
  options(): { redisUrl?: string };
  /** Loses everything that is queued. */
  flush(): Promise<void>;
  /** Breaks every connection. */
  cut(): Promise<void>;
}

export const log = pino({ level: 'silent' });
let opened: TestDatabase | undefined;
let redis: TestRedis | undefined;
export const withRedis = hasRedis();

beforeAll(async () => {
  [opened, redis] = await Promise.all([startTestDatabase(), withRedis ? startTestRedis() : undefined]);
});
afterAll(async () => {
  await redis?.stop();
  await opened?.stop();
});

export function database(): TestDatabase {
  if (opened === undefined) throw new Error('the database is not started');
  return opened;
}

function startedRedis(): TestRedis {
  if (redis === undefined) throw new Error('Redis is not started');
  return redis;
}

async function query(statement: string): Promise<void> {
  const client = new pg.Client(database().url);
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

export const places: readonly [string, Place][] = [
  [
    'PostgreSQL',
    {
      options: () => ({}),
      flush: () => query('truncate bullmq.job cascade'),
      cut: () =>
        query(`select pg_terminate_backend(pid) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()`),
    },
  ],
  [
    'Redis',
    {
      options: () => ({ redisUrl: startedRedis().url }),
      flush: () => startedRedis().flush(),
      cut: () => startedRedis().cut(),
    },
  ],
];
