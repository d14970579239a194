import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import { type JobFlows, type JobQueue, type JobWorker, type QueueBackend, queueOptions } from './backend.ts';

/**
 * Work that fans out: one job an item, so many a second over all hubs, and one that runs once all of them are done. All
 * of it may be lost, or run twice: what an item's job writes is fenced, and who fans out asks again for what is missing
 * (R9).
 */
export interface FanOut {
  /** Asks for the items of a key. Nothing happens where that key is under way already. It never throws. */
  start(key: string, items: readonly string[]): Promise<void>;
  /** Begins to work on what was asked for. */
  run(): Promise<void>;
  close(): Promise<void>;
}

export interface FanOutOptions {
  readonly backend: Pick<QueueBackend, 'createQueue' | 'createWorker' | 'createFlows'>;
  /** Of its queues. */
  readonly name: string;
  /** Items a second, over all hubs. */
  readonly rate: number;
  /** A throw is tried again, later and later, a few times. */
  readonly item: (key: string, item: string) => Promise<void>;
  /** After the last item of a key, however each of them ended. */
  readonly done: (key: string) => Promise<void>;
  readonly log: Logger;
}

/** Items at once in this process. */
const CONCURRENCY = 8;
/** Tries of an item, the first after so many milliseconds, each later by twice as much. */
const ATTEMPTS = 5;
const FIRST_RETRY = 250;
/** Milliseconds that a caller waits for the queue at most. */
const PATIENCE = 5_000;
/** Jobs that are added at once: one statement or script takes no more time than others may wait for. */
const BATCH = 500;

export function createFanOut({ backend, name, rate, item, done, log }: FanOutOptions): FanOut {
  const wholes: JobQueue = backend.createQueue(name);
  const itemQueue = `${name}-item`;
  const flows: JobFlows = backend.createFlows();
  const opts = { ...queueOptions.defaultJobOptions };
  const workers: JobWorker[] = [];

  const add = async (key: string, items: readonly string[]) => {
    for (let from = 0; from < items.length; from += BATCH) {
      const jobId = `${key} ${from / BATCH}`;
      if ((await wholes.getJob(jobId)) !== undefined) continue;
      await flows.add({
        name: 'all',
        queueName: name,
        data: { key },
        opts: { ...opts, jobId },
        children: items.slice(from, from + BATCH).map((each) => ({
          name: 'item',
          queueName: itemQueue,
          data: { key, item: each },
          // However an item ends, the whole goes on: whoever asked looks what came of it.
          opts: {
            ...opts,
            attempts: ATTEMPTS,
            backoff: { type: 'exponential', delay: FIRST_RETRY },
            ignoreDependencyOnFailure: true,
          },
        })),
      });
    }
  };

  return {
    start: async (key, items) => {
      const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
        throw new Error(`no answer within ${PATIENCE / 1000} s`);
      });
      await Promise.race([add(key, items), late]).catch((error) =>
        log.warn({ error: messageOf(error), key }, 'could not be fanned out; the sweep will ask again'),
      );
    },
    run: async () => {
      const each = backend.createWorker(
        itemQueue,
        async ({ data }) => {
          if (data.item !== undefined) await item(data.key, data.item);
        },
        CONCURRENCY,
        rate,
      );
      const all = backend.createWorker(name, ({ data }) => done(data.key), 1);
      workers.push(each, all);
      for (const worker of workers) {
        worker.run().catch((error) => log.error({ error: messageOf(error), queue: name }, 'a worker has ended'));
      }
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([wholes.close(), flows.close()]);
    },
  };
}
