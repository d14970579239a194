import { FlowProducer, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../../core/errors.ts';
import {
  cancelLost,
  createErrorLog,
  type LoopJob,
  type QueueBackend,
  queueOptions,
  workerOptionsFor,
} from './backend.ts';

const PREFIX = 'fairway';

/**
 * BullMQ in Redis 7 or later, whose keys all begin with `fairway:`.
 * @throws FairwayError `redis-unreachable`, `redis-url-invalid`
 */
export async function createRedisBackend(url: string, log: Logger): Promise<QueueBackend> {
  const where = describeUrl(url);
  // Commands wait for a connection that is being made again: a worker only has to outlast it.
  const redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
  // What is thrown says only that the connection is closed.
  let reason: unknown = null;
  redis.on('error', (error) => {
    reason = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    redis.disconnect();
    throw new FairwayError('redis-unreachable', `Redis at ${where} cannot be used: ${messageOf(reason ?? cause)}`, {
      field: 'FAIRWAY_REDIS_URL',
      remedy: 'Check that it runs, that the hub may reach it, and its user and password.',
      retry: 'again',
      cause,
    });
  }
  const logErrors = createErrorLog(log);
  logErrors(redis);
  return {
    createQueue: (name) =>
      logErrors(new Queue<LoopJob, void>(name, { connection: redis, prefix: PREFIX, ...queueOptions })),
    createWorker: (name, processor, concurrency, rate) => {
      const options = { connection: redis, prefix: PREFIX, ...workerOptionsFor(concurrency, rate) };
      const worker = cancelLost(logErrors(new Worker<LoopJob, void>(name, processor, options)));
      return {
        run: () => worker.run(),
        // Without Redis there is nobody to wait for: what runs cannot be taken from the queue anyway, and what it writes
        // is fenced.
        close: () => worker.close(redis.status !== 'ready'),
      };
    },
    createFlows: () => logErrors(new FlowProducer({ connection: redis, prefix: PREFIX })),
    close: async () => redis.disconnect(),
  };
}

/** `host:port`, without the user and the password. */
function describeUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol)) {
    throw new FairwayError('redis-url-invalid', 'The address of Redis is not a URL that begins with redis://.', {
      field: 'FAIRWAY_REDIS_URL',
      remedy: 'Give it as redis://[user:password@]host:port.',
    });
  }
  return `${parsed.hostname}:${parsed.port || 6379}`;
}
