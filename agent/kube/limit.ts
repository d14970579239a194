import type { Time } from './time.ts';

export interface LimitOptions {
  /** Requests a second in the long run; `Infinity` leaves the pace to the server's own priority and fairness. */
  readonly qps: number;
  /** Requests that may go at once after a rest. */
  readonly burst: number;
  /** Requests unanswered at one time. */
  readonly maxInFlight: number;
}

export interface Limit {
  /** Waits for a turn among those in flight, and holds it while `work` runs. */
  inFlight<T>(work: () => Promise<T>): Promise<T>;
  /** Waits for a token of the bucket. */
  token(signal?: AbortSignal): Promise<void>;
}

/** The client's own restraint: so many requests in flight, so many a second. Whoever came first goes first. */
export function createLimit(options: LimitOptions, time: Time): Limit {
  const waiting: (() => void)[] = [];
  let running = 0;
  let tokens = options.burst;
  let refilledAt = time.now();

  return {
    async inFlight(work) {
      if (running < options.maxInFlight) running += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next(); // It takes this turn over.
      }
    },
    async token(signal) {
      if (options.qps === Number.POSITIVE_INFINITY) return;
      const now = time.now();
      tokens = Math.min(options.burst, tokens + ((now - refilledAt) / 1000) * options.qps);
      refilledAt = now;
      tokens -= 1; // Below nought it is a place in the queue.
      if (tokens < 0) await time.sleep((-tokens / options.qps) * 1000, signal);
    },
  };
}
