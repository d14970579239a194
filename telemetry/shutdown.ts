import type { Logger } from 'pino';
import { messageOf } from '../core/errors.ts';

/**
 * Collects what has to be closed, and closes it in the reverse order of opening: also when opening half-way
 * fails. One failure does not keep the rest from closing.
 */
export interface Closers {
  add(name: string, close: () => Promise<unknown> | unknown): void;
  close(): Promise<void>;
}

export function createClosers(log: Logger): Closers {
  const closers: { name: string; close: () => Promise<unknown> | unknown }[] = [];
  let closing: Promise<void> | null = null;
  const closeAll = async () => {
    for (let next = closers.pop(); next !== undefined; next = closers.pop()) {
      try {
        await next.close();
      } catch (error) {
        log.error({ part: next.name, error: messageOf(error) }, 'could not close a part');
      }
    }
  };
  return {
    add: (name, close) => closers.push({ name, close }),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals) => {
      for (const other of signals) {
        process.removeListener(other, onSignal);
        process.once(other, () => process.exit(signal === 'SIGINT' ? 130 : 143));
      }
      resolve(signal);
    };
    for (const signal of signals) process.once(signal, onSignal);
  });
}

const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
