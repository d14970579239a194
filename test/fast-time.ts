import { setTimeout as delay } from 'node:timers/promises';
import type { Time } from '../agent/kube/time.ts';
import type { Timers } from '../agent/reconcile/timers.ts';

/** A clock that runs so many times as fast, for all that waits by it. */
export interface FastTime extends Time, Timers {}

export function createFastTime(factor: number, random: () => number): FastTime {
  const began = Date.now();
  return {
    now: () => began + (Date.now() - began) * factor,
    sleep: (milliseconds, signal) => delay(milliseconds / factor, undefined, signal === undefined ? {} : { signal }),
    after(milliseconds, callback) {
      const timer = setTimeout(callback, Math.min(milliseconds / factor, 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
    random,
  };
}
