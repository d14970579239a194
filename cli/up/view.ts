import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isAway } from '../client.ts';
import { followEvents } from '../event-stream.ts';
import type { Terminal } from '../terminal.ts';
import { announce, nothingSaid } from './announce.ts';
import { renderFrame } from './frame.ts';
import { formatLine, type Line, lineOf } from './line.ts';
import type { Screen } from './screen.ts';
import { takeSnapshot } from './snapshot.ts';

/** Milliseconds: how long events are gathered before one look, and when to look though nothing was heard. */
const gather = 100;
const lookAnyway = 1_000;

export interface ViewOptions {
  readonly client: Client;
  readonly screen: Screen;
  readonly terminal: Pick<Terminal, 'style'>;
  /** Clusters whose agents the hub refuses, and why. */
  readonly refused: ReadonlyMap<string, string>;
  /** Columns for the names of clusters. */
  readonly nameWidth: number;
  readonly signal: AbortSignal;
}

/** Shows what happens in a fleet until the signal: what it knows, it has from the hub's REST API and event stream. */
export async function viewFleet({ client, screen, terminal, refused, nameWidth, signal }: ViewOptions): Promise<void> {
  let happened = Promise.withResolvers<void>();
  let said = nothingSaid;
  const add = (lines: readonly Line[]) => screen.add(lines.map((line) => formatLine(terminal, line, nameWidth)));
  const following = (async () => {
    for await (const event of followEvents(client, {}, signal)) {
      const line = lineOf(event);
      if (line !== null) add([line]);
      happened.resolve();
    }
  })();

  while (!signal.aborted) {
    try {
      const snapshot = await takeSnapshot(client);
      const now = Date.now();
      const announced = announce(said, snapshot, new Date(now).toISOString());
      said = announced.said;
      add(announced.lines);
      screen.frame(renderFrame(terminal, { snapshot, refused, now, ...screen.size() }));
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    const waited = new AbortController();
    const anyway = sleep(lookAnyway, undefined, { signal: AbortSignal.any([signal, waited.signal]) });
    await Promise.race([happened.promise, anyway.catch(() => undefined), following]);
    waited.abort();
    happened = Promise.withResolvers<void>();
    await sleep(gather, undefined, { signal }).catch(() => undefined);
  }
  await following;
}
