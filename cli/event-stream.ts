import { setTimeout as sleep } from 'node:timers/promises';
import { FairwayError } from '../core/errors.ts';
import type { FleetEvent } from '../proto/rest/events.ts';
import { type Client, isAway, type Query } from './client.ts';

/** Milliseconds between two attempts to come back. */
const pause = 1_000;

/** Events as they happen, until the signal; comes back by itself, without a gap, when the connection breaks. */
export async function* followEvents(client: Client, query: Query, signal: AbortSignal): AsyncGenerator<FleetEvent> {
  let last: number | null = null;
  let opened = false;
  while (!signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream', ...(last === null ? {} : { 'last-event-id': String(last) }) };
      const { body } = await client.open('/events', query, headers, signal);
      if (body === null) return;
      opened = true;
      for await (const event of readEvents(body)) {
        last = event.id;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      // The hub's own refusal stays one, and a hub that was never there; a broken connection is mended, and one that
      // has too much to do for now is asked again.
      const isPassing = isAway(error) && (opened || error.code !== 'hub-unreachable');
      if (error instanceof FairwayError && !isPassing) throw error;
    }
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<FleetEvent> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = text
        .slice(0, end)
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length));
      text = text.slice(end + 2);
      if (data.length > 0) yield JSON.parse(data.join('\n')) as FleetEvent;
    }
  }
}
