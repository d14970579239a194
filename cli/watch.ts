import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isAway, type Query } from './client.ts';
import { followEvents } from './event-stream.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds: how long events are gathered before one redraw, and when to look though nothing was heard. */
const gather = 200;
const lookAnyway = 5_000;

export interface LookOptions {
  /** Only what happens to these counts as news. */
  readonly query?: Query;
  /** Milliseconds after which it is looked though nothing was heard. @default 5000 */
  readonly anyway?: number;
}

/**
 * Calls `look` at once, and again whenever something happened, until it has seen enough (true) or the signal.
 * @throws whatever `look` throws, or the hub's refusal of the stream of events
 */
export async function lookUntil(
  client: Client,
  signal: AbortSignal,
  look: () => Promise<boolean>,
  { query = {}, anyway = lookAnyway }: LookOptions = {},
): Promise<void> {
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  let happened = Promise.withResolvers<void>();
  const following = (async () => {
    for await (const _event of followEvents(client, query, ended)) happened.resolve();
  })();
  try {
    while (!ended.aborted && !(await look())) {
      const waited = new AbortController();
      const pause = sleep(anyway, undefined, { signal: AbortSignal.any([ended, waited.signal]) });
      await Promise.race([happened.promise, pause.catch(() => undefined), following]);
      waited.abort();
      happened = Promise.withResolvers<void>();
      await sleep(gather, undefined, { signal: ended }).catch(() => undefined);
    }
  } finally {
    ending.abort();
    await following;
  }
}

/**
 * Shows what `render` makes, again whenever something happened, until Ctrl-C. A hub that goes away meanwhile is waited
 * for.
 */
export async function watchFleet(terminal: Terminal, client: Client, render: () => Promise<string>): Promise<void> {
  const { signal, release } = untilInterrupted();
  let shown: string | null = null;
  try {
    await lookUntil(client, signal, async () => {
      try {
        shown = await render();
        terminal.redraw(shown);
      } catch (error) {
        if (shown === null || !isAway(error)) throw error;
        terminal.redraw(`${shown}\n\n${terminal.style('yellow', `${error.message}; trying again`)}`);
      }
      return false;
    });
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
