import type { FlowProducer, Processor, Queue, Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { DatabaseAddress } from '../store/pool.ts';
import { createPostgresBackend } from './postgres.ts';
import { createRedisBackend } from './redis.ts';

/** What a job carries: a key, and nothing that could be out of date. */
export interface LoopJob {
  readonly key: string;
  /** One part of what the key is about, where each has a job of its own. */
  readonly item?: string;
}

/** Where the jobs are kept. What is lost with it is found by the sweep (R9). */
export interface QueueBackend {
  createQueue(name: string): JobQueue;
  createWorker(name: string, processor: Processor<LoopJob, void>, concurrency: number, rate?: number): JobWorker;
  /** Adds jobs that others wait for. */
  createFlows(): JobFlows;
  /** After every queue and worker is closed. */
  close(): Promise<void>;
}

export type JobQueue = Pick<Queue<LoopJob, void>, 'add' | 'addBulk' | 'getJob' | 'count' | 'close'>;
export type JobWorker = Pick<Worker<LoopJob, void>, 'run' | 'close'>;
export type JobFlows = Pick<FlowProducer, 'add' | 'close'>;

export interface QueueBackendOptions {
  /** Takes the jobs, in a schema of their own, unless there is a Redis. */
  readonly database: DatabaseAddress;
  /** `redis://[user:password@]host:port[/number]`, or `rediss://` for TLS. */
  readonly redisUrl?: string;
  /**
   * No other hub uses this database: whatever is queued there or locked was the last run's, and is thrown away, so
   * that a hub that was killed need not wait for its own locks. The first sweep brings every key back.
   * @default false
   */
  readonly alone?: boolean;
  readonly log: Logger;
}

/** @throws FairwayError `redis-unreachable`, `redis-url-invalid`; the database's error where PostgreSQL takes the jobs */
export function createQueueBackend(options: QueueBackendOptions): Promise<QueueBackend> {
  return options.redisUrl === undefined
    ? createPostgresBackend(options.database, options.alone ?? false, options.log)
    : createRedisBackend(options.redisUrl, options.log);
}

/** Finished jobs leave nothing behind; the loops themselves decide what is tried again. */
export const queueOptions = {
  defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  streams: { events: { maxLen: 100 } },
};

/**
 * A hub that dies releases its keys after at most 5 s + twice 2 s. However often that happens to a key, it is
 * looked at again.
 */
const workerOptions = {
  autorun: false,
  lockDuration: 5000,
  stalledInterval: 2000,
  maxStalledCount: 1_000_000,
  runRetryDelay: 1000,
};

/**
 * @param concurrency jobs at once in this process
 * @param rate jobs a second, over all processes; undefined: as they come
 */
export function workerOptionsFor(concurrency: number, rate?: number) {
  const limiter = rate === undefined ? {} : { limiter: { max: rate, duration: 1_000 } };
  return { ...workerOptions, concurrency, ...limiter };
}

interface Emitter {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Milliseconds in which the same trouble is told once, however many connections it breaks. */
const tellAgain = 30_000;

/** A connection that breaks says so here; queues and workers go on when there is one again. */
export function createErrorLog(log: Logger): <T extends Emitter>(emitter: T) => T {
  const told = new Map<string, number>();
  return (emitter) => {
    emitter.on('error', ({ message }) => {
      const now = performance.now();
      if (now - (told.get(message) ?? Number.NEGATIVE_INFINITY) < tellAgain) return;
      if (told.size > 100) told.clear();
      told.set(message, now);
      log.warn({ error: message }, 'the queue has trouble');
    });
    return emitter;
  };
}

interface LockHolder {
  on(event: 'lockRenewalFailed', listener: (jobs: string[]) => void): unknown;
  cancelJob(job: string, reason: string): boolean;
}

/** A run whose key another hub may have by now is told to give up. */
export function cancelLost<T extends LockHolder>(worker: T): T {
  worker.on('lockRenewalFailed', (jobs) => {
    for (const job of jobs) worker.cancelJob(job, 'its lock is lost');
  });
  return worker;
}
