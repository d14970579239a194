import type { Timers } from './timers.ts';

/** Keys that want work: each is worked on by one worker at a time, and once more if it was added meanwhile. */
export interface WorkQueue {
  /** At once, or as soon as a worker is free. */
  add(key: string): void;
  /** In so many milliseconds, unless it is due sooner already. */
  addAfter(key: string, milliseconds: number): void;
  /** Drops what is due; work under way goes on. */
  remove(key: string): void;
  /** Takes nothing new, and resolves when all work under way has ended. */
  stop(): Promise<void>;
}

/** @param work never rejects: whoever works on a key tells its failures itself */
export function createWorkQueue(
  work: (key: string) => Promise<void>,
  options: { readonly concurrency: number; readonly now: () => number; readonly timers: Timers },
): WorkQueue {
  const { concurrency, now, timers } = options;
  const ready = new Set<string>();
  const busy = new Map<string, Promise<void>>();
  const delayed = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  let stopped = false;

  const run = (key: string) => {
    const done = work(key).finally(() => {
      busy.delete(key);
      pump();
    });
    busy.set(key, done);
  };

  const pump = () => {
    if (stopped) return;
    for (const key of ready) {
      if (busy.size >= concurrency) return;
      if (busy.has(key)) continue; // It goes again when its worker is done.
      ready.delete(key);
      run(key);
    }
  };

  const undelay = (key: string) => {
    delayed.get(key)?.cancel();
    delayed.delete(key);
  };

  const add = (key: string) => {
    if (stopped) return;
    undelay(key);
    ready.add(key);
    pump();
  };

  return {
    add,
    addAfter: (key, milliseconds) => {
      const due = now() + milliseconds;
      const other = delayed.get(key)?.due ?? Number.POSITIVE_INFINITY;
      // What is overdue was set by a clock that has leapt since: its timer may be far off.
      if (stopped || ready.has(key) || (other > now() && other <= due)) return;
      undelay(key);
      delayed.set(key, { due, cancel: timers.after(milliseconds, () => add(key)) });
    },
    remove: (key) => {
      undelay(key);
      ready.delete(key);
    },
    stop: async () => {
      stopped = true;
      for (const key of [...delayed.keys()]) undelay(key);
      ready.clear();
      await Promise.allSettled(busy.values());
    },
  };
}
