import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, passed in so that tests own them. */
export interface Time {
  /** Milliseconds. */
  now(): number;
  /** Rejects with the signal's reason when it aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

export const systemTime: Time = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal === undefined ? {} : { signal }),
  random: () => Math.random(),
};

/**
 * How long to wait before try number `failures` + 1: doubling from a quarter of a second to half a minute, spread so
 * that many agents do not come back at one moment.
 * @returns milliseconds
 */
export function backoff(failures: number, random: number): number {
  const full = Math.min(30_000, 250 * 2 ** Math.min(failures, 16));
  return full / 2 + (random * full) / 2;
}
