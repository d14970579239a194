import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import type { JobQueue, JobWorker, QueueBackend } from './backend.ts';
import type { Loop, LoopName, Loops } from './loops.ts';
import { measureLoops } from './metrics.ts';
import { createRunner } from './run.ts';
import { createWakes, type JobName, type Wakes } from './wakes.ts';

export interface LoopsOptions {
  readonly backend: QueueBackend;
  readonly log: Logger;
  readonly telemetry?: Telemetry;
  /** Milliseconds between two sweeps, give or take a fifth. @default 30 000 (R9) */
  readonly sweepEvery?: number;
}

interface Defined {
  readonly loop: Loop;
  readonly queue: JobQueue;
  readonly wakes: Wakes;
}

const SWEEP_EVERY = 30_000;

/** Loops on BullMQ. They own the backend, and close it when they stop. */
export function createLoops(options: LoopsOptions): Loops {
  const { backend, log, telemetry = noTelemetry, sweepEvery = SWEEP_EVERY } = options;
  const defined = new Map<LoopName, Defined>();
  const workers: JobWorker[] = [];
  const sweeps: Promise<void>[] = [];
  /** No sweep and no new run. */
  const closing = new AbortController();
  /** What still runs is to give up. */
  const giveUp = new AbortController();

  const metrics = measureLoops(
    telemetry.meter,
    () => new Map([...defined].map(([name, { queue }]) => [name, queue] as const)),
  );

  let stopped: Promise<void> | undefined;

  const find = (name: LoopName): Defined => {
    const found = defined.get(name);
    if (found === undefined) throw new Error(`There is no loop ${name}.`);
    return found;
  };

  function startWorker({ loop, wakes }: Defined): void {
    const run = createRunner(loop, log, telemetry.spans, metrics);
    const worker = backend.createWorker(
      loop.name,
      async (job, _token, lost) => {
        const { key } = job.data;
        if ((job.name as JobName) === 'timer') {
          // First, or a timer that the run sets would be taken for this one and dropped.
          await job.removeDeduplicationKey();
          return wakes.now(key);
        }
        const signals = lost === undefined ? [giveUp.signal] : [giveUp.signal, lost];
        const next = await run(key, AbortSignal.any(signals));
        if (next.type === 'again') await (next.delay > 0 ? wakes.again(key, next.delay) : wakes.now(key));
      },
      loop.concurrency,
    );
    workers.push(worker);
    worker.run().catch((error) => log.error({ error: messageOf(error), loop: loop.name }, 'a loop has ended'));
  }

  async function sweep({ loop, wakes }: Defined): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await wakes.all(await loop.keys());
      } catch (error) {
        log.warn({ error: messageOf(error), loop: loop.name }, 'a sweep failed');
      }
      const pause = sweepEvery * (0.8 + 0.4 * Math.random());
      await sleep(pause, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  return {
    define: (loop) => {
      const queue = backend.createQueue(loop.name);
      defined.set(loop.name, { loop, queue, wakes: createWakes(queue, log) });
    },
    wake: async (name, key, delay = 0) => {
      const { wakes } = find(name);
      await (delay > 0 ? wakes.later(key, delay) : wakes.now(key));
    },
    start: async () => {
      for (const each of defined.values()) {
        startWorker(each);
        sweeps.push(sweep(each));
      }
    },
    answers: async () => {
      await Promise.all([...defined.values()].map(({ queue }) => queue.count()));
    },
    stop: (grace = 10_000) => {
      stopped ??= stop(grace);
      return stopped;
    },
  };

  async function stop(grace: number): Promise<void> {
    closing.abort();
    const finished = Promise.all([...workers.map((worker) => worker.close()), ...sweeps]);
    const late = () => sleep(grace, 'late' as const, { ref: false });
    if ((await Promise.race([finished, late()])) === 'late') {
      log.warn({ grace }, 'runs do not finish in time and are told to give up');
      giveUp.abort();
      await Promise.race([finished, sleep(1000, undefined, { ref: false })]);
    }
    await Promise.all([...defined.values()].map(({ queue }) => queue.close()));
    await backend.close();
  }
}
