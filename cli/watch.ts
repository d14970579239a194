import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isAway } from './client.ts';
import { followEvents } from './event-stream.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds: how long events are gathered before one redraw, and when to look though nothing was heard. */
const gather = 200;
const lookAnyway = 5_000;

/**
 * Shows what `render` makes, again whenever something happened, until Ctrl-C. A hub that goes away meanwhile is waited
 * for.
 */
export async function watchFleet(terminal: Terminal, client: Client, render: () => Promise<string>): Promise<void> {
  const { signal, release } = untilInterrupted();
  let shown: string | null = null;
  let happened = Promise.withResolvers<void>();
  const following = (async () => {
    for await (const _event of followEvents(client, {}, signal)) happened.resolve();
  })();
  try {
    while (!signal.aborted) {
      try {
        shown = await render();
        terminal.redraw(shown);
      } catch (error) {
        if (shown === null || !isAway(error)) throw error;
        terminal.redraw(`${shown}\n\n${terminal.style('yellow', `${error.message}; trying again`)}`);
      }
      const waited = new AbortController();
      const anyway = sleep(lookAnyway, undefined, { signal: AbortSignal.any([signal, waited.signal]) });
      await Promise.race([happened.promise, anyway.catch(() => undefined), following]);
      waited.abort();
      happened = Promise.withResolvers<void>();
      await sleep(gather, undefined, { signal }).catch(() => undefined);
    }
    await following;
  } finally {
    release();
  }
}

/** Aborts at the first SIGINT or SIGTERM, so that a watch ends well. */
export function untilInterrupted(): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once('SIGINT', abort).once('SIGTERM', abort);
  return {
    signal: controller.signal,
    release() {
      controller.abort();
      process.off('SIGINT', abort).off('SIGTERM', abort);
    },
  };
}
