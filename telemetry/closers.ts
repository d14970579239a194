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

export function closersFor(log: Logger): Closers {
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
