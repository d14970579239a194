import { pino } from 'pino';
import { openDatabase } from '../../hub/store/database.ts';
import type { DatabaseAddress } from '../../hub/store/pool.ts';
import { startBalancer } from '../e2e/balancer.ts';
import { type HubCore, startHubCore } from './hub-core.ts';

/** A hub core that may die as by `kill -9`: from one moment on, nothing that it does reaches the database or the queue. */
export interface MortalHub {
  readonly core: HubCore;
  kill(): Promise<void>;
  /** In good order. */
  stop(): Promise<void>;
}

export interface MortalHubOptions {
  readonly address: Exclude<DatabaseAddress, { connectionString: string }>;
  readonly fleet: string;
  readonly redisUrl: string;
  /** Among the others, and never used before. */
  readonly replica: string;
  /** Runs a statement as the owner of the database. */
  readonly administer: (statement: string) => Promise<unknown>;
}

const log = pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'silent' });

/** It has a role of PostgreSQL and a line to Redis of its own, so that its connections can be ended, and no new ones begin. */
export async function startMortalHub(options: MortalHubOptions): Promise<MortalHub> {
  const { fleet, redisUrl, replica, administer } = options;
  await administer(`create role ${replica} superuser login`);
  const address = { ...options.address, user: replica };
  const database = await openDatabase({ address, poolSize: 8, log });
  // A line of its own to Redis: what is left of a dead hub must not take from the queue what the others wait for.
  const line = await startBalancer(() => [Number(new URL(redisUrl).port)]);
  const core = await startHubCore({ db: database.db, address }, fleet, {
    ...{ replica, redisUrl: `redis://${line.address}` },
  });
  const end = async () => {
    await core.stop();
    await database.close();
  };
  return {
    core,
    kill: async () => {
      await administer(`alter role ${replica} nologin`);
      await administer(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${replica}'`);
      await line.stop();
      core.cut();
      // What is left of it in this process ends by itself: everything that it could touch refuses.
      end().catch(() => undefined);
    },
    stop: async () => {
      await end();
      await line.stop();
    },
  };
}
