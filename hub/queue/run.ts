import type { Logger } from 'pino';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { backoff } from './backoff.ts';
import type { Loop } from './loops.ts';

/** What is to happen to a key after a run of it. */
export type Next = { readonly type: 'rest' } | { readonly type: 'again'; readonly delay: number };

/**
 * Runs a loop's keys: each one by one, and after a failure again, later and later. Nothing of it is in the queue, so
 * a wake never waits for a retry's delay.
 */
export function createRunner(loop: Loop, log: Logger): (key: string, signal: AbortSignal) => Promise<Next> {
  const running = new Map<string, Promise<unknown>>();
  const failures = new Map<string, { count: number; last: string }>();

  async function run(key: string, signal: AbortSignal): Promise<Next> {
    const keyLog = log.child({ loop: loop.name, key });
    try {
      const result = await loop.reconcile(key, { signal, log: keyLog });
      failures.delete(key);
      return result === undefined ? { type: 'rest' } : { type: 'again', delay: result.again };
    } catch (error) {
      // Cut short because the hub stops, or because another one has the key by now.
      if (signal.aborted) return { type: 'rest' };
      return fail(key, error, keyLog);
    }
  }

  function fail(key: string, error: unknown, keyLog: Logger): Next {
    const before = failures.get(key);
    const last = messageOf(error);
    const count = (before?.count ?? 0) + 1;
    failures.set(key, { count, last });
    const terminal = error instanceof FairwayError && error.retry === 'terminal';
    const code = error instanceof FairwayError ? error.code : undefined;
    // The sweep runs it again and again: what is known already is not news.
    const level = before?.last === last ? 'debug' : terminal ? 'error' : 'warn';
    const stack = error instanceof Error && code === undefined ? error.stack : undefined;
    if (terminal) {
      keyLog[level]({ code, error: last }, 'failed, until somebody changes something');
      return { type: 'rest' };
    }
    const delay = backoff(count, Math.random());
    keyLog[level]({ code, error: last, stack, failures: count, retryIn: delay }, 'failed, and will be tried again');
    return { type: 'again', delay };
  }

  return (key, signal) => {
    const before = running.get(key) ?? Promise.resolve();
    const mine = before.then(() => run(key, signal));
    running.set(key, mine);
    return mine.finally(() => {
      if (running.get(key) === mine) running.delete(key);
    });
  };
}
