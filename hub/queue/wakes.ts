import { setTimeout as sleep } from 'node:timers/promises';
import type { DeduplicationOptions, JobsOptions } from 'bullmq';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { JobQueue, LoopJob } from './backend.ts';

/**
 * Everything that is put into a loop's queue. Only `wake` jobs run a key; the others put one in when they are due.
 * So one key is never run by two hubs at once, for BullMQ has at most one active job under one deduplication id
 * (unless a hub stands still for longer than its lock: what it then writes is fenced).
 */
export interface Wakes {
  /** A run as soon as can be. Coalesces with a wake that waits; beside one that runs it becomes the next. */
  now(key: string): Promise<void>;
  all(keys: readonly string[]): Promise<void>;
  /** A run in so many milliseconds, whatever else is asked for. */
  later(key: string, delay: number): Promise<void>;
  /** What a run says about its own next: takes the place of what the run before said. */
  again(key: string, delay: number): Promise<void>;
}

export type JobName = 'wake' | 'timer';

/** Milliseconds that a caller waits for the queue at most; also the longest delay that means anything, a day. */
const PATIENCE = 5000;
const LONGEST_DELAY = 86_400_000;
const BATCH = 100;

/** None of it ever throws: the change that it is about is committed, and the sweep finds what was not queued (R9). */
export function createWakes(queue: JobQueue, log: Logger): Wakes {
  const put = async (what: string, adding: Promise<unknown>) => {
    const late = sleep(PATIENCE, undefined, { ref: false }).then(() => {
      throw new Error(`no answer within ${PATIENCE / 1000} s`);
    });
    await Promise.race([adding, late]).catch((error) =>
      log.warn({ error: messageOf(error), what }, 'could not be queued; the sweep will find it'),
    );
  };
  const timer = (key: string, delay: number, deduplication: DeduplicationOptions) =>
    put('timer', add(queue, 'timer', key, { delay: Math.min(LONGEST_DELAY, Math.ceil(delay)), deduplication }));

  return {
    now: (key) => put('wake', add(queue, 'wake', key, wakeOptions(key))),
    all: async (keys) => {
      // In one order in every hub, so that two of them never wait for one another's rows.
      const sorted = keys.toSorted();
      for (let from = 0; from < sorted.length; from += BATCH) {
        const jobs = sorted.slice(from, from + BATCH).map((key) => {
          const data: LoopJob = { key };
          return { name: 'wake' satisfies JobName, data, opts: wakeOptions(key) };
        });
        await put('sweep', queue.addBulk(jobs));
      }
    },
    later: (key, delay) => timer(key, delay, { id: `later ${Math.ceil((Date.now() + delay) / 1000)} ${key}` }),
    again: (key, delay) => timer(key, delay, { id: `again ${key}`, replace: true }),
  };
}

function add(queue: JobQueue, name: JobName, key: string, options: JobsOptions): Promise<unknown> {
  return queue.add(name, { key }, options);
}

function wakeOptions(key: string): JobsOptions {
  // Without `keepLastIfActive` a wake beside a run would be dropped, and what it was about never seen.
  return { deduplication: { id: `wake ${key}`, keepLastIfActive: true } };
}
