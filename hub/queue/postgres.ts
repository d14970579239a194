import { createPostgresBackend as bullmqOnPostgres, type PgPool, runMigrations, withBackend } from 'bullmq';
import type { Logger } from 'pino';
import { closePool, createPool, type DatabaseAddress } from '../store/pool.ts';
import {
  cancelLost,
  createErrorLog,
  type LoopJob,
  type QueueBackend,
  queueOptions,
  workerOptionsFor,
} from './backend.ts';

/** BullMQ's own name for its schema, which it looks for where it is given a pool. */
const SCHEMA = 'bullmq';

/** Each worker keeps a connection to listen on, for ever; jobs that are added need some besides, or they wait as long. */
const CONNECTIONS = 20;

/**
 * BullMQ in the hub's own database. A commit there does not wait for the disk: a job that a crash takes is one that
 * the sweep brings back.
 * @param alone empties the queue: no other hub has jobs in it
 * @throws the database's error where the schema cannot be made
 */
export async function createPostgresBackend(
  address: DatabaseAddress,
  alone: boolean,
  log: Logger,
): Promise<QueueBackend> {
  const { FlowProducer, Queue, Worker } = withBackend(bullmqOnPostgres);
  const pool = createPool(
    address,
    {
      size: CONNECTIONS,
      name: 'queue',
      statementTimeout: 30_000,
      settings: { search_path: SCHEMA, synchronous_commit: 'off' },
    },
    log,
  );
  // Every queue and worker listens to it.
  pool.setMaxListeners(50);
  const migrating = await pool.connect();
  try {
    await runMigrations(migrating, SCHEMA);
    if (alone) await migrating.query('truncate job, dedup, dedup_next, event cascade');
  } finally {
    migrating.release();
  }
  // BullMQ describes by hand what it needs of a pool, a little more narrowly than `pg` declares it.
  const connection = pool as unknown as PgPool;
  const logErrors = createErrorLog(log);
  return {
    createQueue: (name) => logErrors(new Queue<LoopJob, void>(name, { connection, ...queueOptions })),
    createWorker: (name, processor, concurrency, rate) => {
      const options = { connection, ...workerOptionsFor(concurrency, rate) };
      return cancelLost(logErrors(new Worker<LoopJob, void>(name, processor, options)));
    },
    createFlows: () => logErrors(new FlowProducer({ connection })),
    close: () => closePool(pool),
  };
}
