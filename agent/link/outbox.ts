import type { Logger } from 'pino';
import { messageOf } from '../../core/errors.ts';
import type { EventReport } from '../../core/link/messages.ts';
import type { AgentEvent } from '../../core/link/status.ts';
import { boundEvent } from '../../core/link/status-bounds.ts';
import type { State } from '../state/port.ts';
import { readJson, writeJson } from './records.ts';

/**
 * Events on their way to the hub, in order, on disk, bounded (L4). An event is sent only once it is durable, so that
 * its number is never given twice; it is forgotten only once the hub has stored it, so that it arrives at least once.
 */
export interface Outbox {
  /** Names this numbering; a new one where the old was lost. */
  readonly epoch: string;
  /** Events that the hub has not stored yet. */
  size(): number;
  /** Events that fell out because there were too many. */
  dropped(): number;
  add(event: Omit<AgentEvent, 'sequence'>): void;
  /** The next report to send; null where there is none. */
  next(): EventReport | null;
  /** The hub has stored every event up to this one; its first word on a stream. */
  acknowledge(sequence: number): void;
  /** Sends again what has waited long for its receipt. Call it every few seconds. */
  nudge(): void;
  /** A new stream: what was not acknowledged is sent again. */
  restart(): void;
  /** Resolves once everything that was added is durable, or could not be made so. */
  flush(): Promise<void>;
  /** The same, and nothing is written after it: what comes later is sent again by the next run. */
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly state: State;
  readonly log: Logger;
  /** A name for a new numbering. */
  readonly newEpoch: () => string;
  /** There may be something to send. */
  readonly ready: () => void;
  /** Events kept. @default 10 000 */
  readonly limit?: number;
  /** Milliseconds between an event and the write that keeps it, for others to come along. @default 50 */
  readonly delay?: number;
}

/** Events that one record holds, and that one message carries. */
const chunkLength = 200;
const prefix = 'outbox/events/';
const headRecord = 'outbox/head';
/** Events without a receipt; the rest waits. */
const window = 5 * chunkLength;
const retryEvery = 1_000;
/** Milliseconds without a receipt after which a report is taken for lost. */
const patience = 30_000;

interface Head {
  readonly epoch: string;
  readonly acknowledged: number;
  readonly dropped: number;
}

interface Chunk {
  readonly first: number;
  readonly events: AgentEvent[];
  /** How many of them are on disk. */
  saved: number;
}

/** Reads what an earlier run left. */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const { state, log, newEpoch, ready, limit = 10_000, delay = 50 } = options;
  const found = await readOutbox(state, log);
  const epoch = found?.head.epoch ?? newEpoch();
  const chunks: Chunk[] = found?.chunks ?? [];
  let { acknowledged, dropped } = found?.head ?? { acknowledged: 0, dropped: 0 };
  let last = Math.max(acknowledged, chunks.at(-1)?.events.at(-1)?.sequence ?? 0);
  let sent = acknowledged;
  /** What the hub of this stream says it has, and what it has once all that was sent arrives. */
  let known = 0;
  let previous = 0;
  /** When something was last sent or acknowledged, on a clock that nobody sets. */
  let movedAt = performance.now();
  let headChanged = found === null;
  const emptied: Chunk[] = [];
  let saving: Promise<void> | null = null;
  let closed = false;

  const append = (event: AgentEvent) => {
    const tail = chunks.at(-1);
    if (tail !== undefined && tail.events.length < chunkLength) tail.events.push(event);
    else chunks.push({ first: event.sequence, events: [event], saved: 0 });
  };

  const retire = (chunk: Chunk) => {
    chunks.shift();
    emptied.push(chunk);
    headChanged = true;
  };

  const kept = () => chunks.reduce((sum, { events }) => sum + events.length, 0);

  /** The head first: a crash between leaves chunks that it says are done with. */
  const save = async () => {
    if (headChanged) {
      headChanged = false;
      await writeJson(state, headRecord, { epoch, acknowledged, dropped } satisfies Head).catch((error: unknown) => {
        headChanged = true;
        throw error;
      });
    }
    for (let chunk = emptied[0]; chunk !== undefined; chunk = emptied[0]) {
      await state.remove(recordOf(chunk));
      emptied.shift();
    }
    for (const chunk of [...chunks]) {
      const { length } = chunk.events;
      if (chunk.saved === length) continue;
      await writeJson(state, recordOf(chunk), { epoch, events: chunk.events.slice(0, length) });
      chunk.saved = length;
    }
  };

  const isSaved = () =>
    !headChanged && emptied.length === 0 && chunks.every(({ events, saved }) => saved === events.length);

  const saveSoon = (wait: number): Promise<void> => {
    saving ??= new Promise<void>((resolve) => setTimeout(resolve, wait))
      .then(save)
      .then(() => delay)
      .catch((error: unknown) => {
        log.error({ error: messageOf(error) }, 'events cannot be kept: trying again');
        return retryEvery;
      })
      .then((again) => {
        saving = null;
        if (!isSaved() && !closed) void saveSoon(again);
        ready();
      });
    return saving;
  };

  const changed = () => {
    if (!closed) void saveSoon(delay);
  };

  if (headChanged) await saveSoon(0);

  return {
    epoch,
    size: () => Math.max(0, last - Math.max(acknowledged, (chunks[0]?.first ?? last + 1) - 1)),
    dropped: () => dropped,
    add(event) {
      append({ ...boundEvent(event), sequence: ++last });
      while (kept() > limit && chunks.length > 1) {
        const oldest = chunks[0] as Chunk;
        dropped += oldest.events.filter(({ sequence }) => sequence > acknowledged).length;
        retire(oldest);
      }
      changed();
    },
    next() {
      if (sent - acknowledged >= window) return null;
      const events: AgentEvent[] = [];
      for (const chunk of chunks) {
        for (const event of chunk.events.slice(0, chunk.saved)) {
          if (event.sequence > sent && events.length < chunkLength) events.push(event);
        }
      }
      const through = events.at(-1)?.sequence;
      if (through === undefined) return null;
      if (sent === acknowledged) movedAt = performance.now();
      const after = previous;
      previous = through;
      sent = through;
      return { type: 'events', events, after, through };
    },
    acknowledge(sequence) {
      known = Math.max(known, sequence);
      previous = Math.max(previous, sequence);
      if (sequence <= acknowledged) return;
      acknowledged = sequence;
      movedAt = performance.now();
      last = Math.max(last, sequence);
      sent = Math.max(sent, sequence);
      headChanged = true;
      for (let chunk = chunks[0]; chunk !== undefined; chunk = chunks[0]) {
        const end = chunk.events.at(-1)?.sequence ?? 0;
        if (end > acknowledged) break;
        retire(chunk);
      }
      changed();
    },
    nudge() {
      if (sent === acknowledged || performance.now() - movedAt < patience) return;
      sent = acknowledged;
      previous = known;
      ready();
    },
    restart() {
      sent = acknowledged;
      known = 0;
      previous = 0;
    },
    async flush() {
      await saving;
      if (!isSaved()) await saveSoon(0);
    },
    async close() {
      closed = true;
      await saving;
      if (!isSaved()) await saveSoon(0);
    },
  };
}

function recordOf({ first }: Pick<Chunk, 'first'>): string {
  return prefix + String(first).padStart(16, '0');
}

/** Null where there is nothing that can be gone on from: a new numbering then begins. */
async function readOutbox(state: State, log: Logger): Promise<{ head: Head; chunks: Chunk[] } | null> {
  const head = await readJson<Head>(state, headRecord, log);
  const chunks: Chunk[] = [];
  for (const name of await state.list(prefix)) {
    const stored = await readJson<{ epoch: string; events: AgentEvent[] }>(state, name, log);
    const last = stored?.events.at(-1)?.sequence ?? 0;
    if (stored === null || stored.epoch !== head?.epoch || last <= head.acknowledged) await state.remove(name);
    else chunks.push({ first: Number(name.slice(prefix.length)), events: stored.events, saved: stored.events.length });
  }
  return head === null ? null : { head, chunks };
}
