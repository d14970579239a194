import type { Logger } from 'pino';
import { messageOf } from '../core/errors.ts';

/** Something that is tried again and again: its failing is told once, and once that it works again. */
export interface Outage {
  failed(error: unknown): void;
  worked(): void;
}

/** @param what cannot be done: `cannot look for revocations` */
export function createOutage(log: Logger, what: string): Outage {
  let since: number | null = null;
  return {
    failed(error) {
      if (since === null) log.warn({ error: messageOf(error) }, `${what}: trying again`);
      since ??= performance.now();
    },
    worked() {
      if (since === null) return;
      log.info({ seconds: Math.round((performance.now() - since) / 1_000) }, `over: ${what}`);
      since = null;
    },
  };
}
