import type { Duplex, DuplexHandler } from '../../core/link/duplex.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';
import { agentCodec, type Codec, hubCodec } from '../../proto/codec.ts';

/** A stream between an agent and a hub in one process: every message is encoded, carried later, and decoded. */
export interface MemoryLink {
  readonly agent: Duplex<AgentMessage, HubMessage>;
  readonly hub: Duplex<HubMessage, AgentMessage>;
  /** Both sides lose the stream, and what was under way with it. */
  cut(): void;
}

export interface MemoryLinkOptions {
  /** Milliseconds that a message travels. @default none: the next turn of the event loop */
  readonly delay?: () => number;
  /** True: the message is lost, though the stream stands. Real streams do not do this; the protocol bears it (L2). */
  readonly loses?: (message: AgentMessage | HubMessage) => boolean;
  /** Bytes under way above which a sender is behind. @default 1 MiB */
  readonly room?: number;
}

/** Makes both ends of one stream. */
export function createMemoryLink(options: MemoryLinkOptions = {}): MemoryLink {
  const ends = { agent: createEnd<AgentMessage>(agentCodec, options), hub: createEnd<HubMessage>(hubCodec, options) };
  const cut = (error: Error | null) => {
    ends.agent.close(error);
    ends.hub.close(error);
  };
  return {
    agent: duplexOf(ends.agent, ends.hub, cut),
    hub: duplexOf(ends.hub, ends.agent, cut),
    cut: () => cut(new Error('the stream was cut')),
  };
}

/** What one side sends, until the other has taken it. */
interface End<Out> {
  /** Set by the side that reads. */
  reader: DuplexHandler<Out> | null;
  paused: boolean;
  send(message: Out): boolean;
  flow(): void;
  drained(): Promise<void>;
  /** After everything that was sent before. */
  finish(): void;
  close(error: Error | null): void;
}

function createEnd<Out extends AgentMessage | HubMessage>(
  codec: Codec<Out>,
  { delay, loses, room = 1024 * 1024 }: MemoryLinkOptions,
): End<Out> {
  const queue: (Buffer | 'end')[] = [];
  let underWay = 0;
  let over = false;
  let ended = false;
  let scheduled = false;
  let waiting: (() => void)[] = [];

  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };

  const deliver = () => {
    scheduled = false;
    if (over || end.paused || end.reader === null) return;
    const next = queue.shift();
    if (next === undefined) return;
    if (next === 'end') return end.close(null);
    underWay -= next.length;
    if (underWay <= room / 2) wake();
    end.reader.message(codec.decode(next));
    end.flow();
  };

  const end: End<Out> = {
    reader: null,
    paused: false,
    send(message) {
      if (over || ended || loses?.(message) === true) return true;
      const bytes = codec.encode(message);
      underWay += bytes.length;
      queue.push(bytes);
      end.flow();
      return underWay < room;
    },
    flow() {
      if (scheduled || queue.length === 0) return;
      scheduled = true;
      if (delay === undefined) setImmediate(deliver);
      else setTimeout(deliver, delay());
    },
    drained: () => (over || underWay <= room / 2 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    finish() {
      if (ended) return;
      ended = true;
      queue.push('end');
      end.flow();
    },
    close(error) {
      if (over) return;
      over = true;
      queue.length = 0;
      wake();
      end.reader?.closed(error);
    },
  };
  return end;
}

function duplexOf<Out, In>(out: End<Out>, incoming: End<In>, cut: (error: Error | null) => void): Duplex<Out, In> {
  return {
    send: out.send,
    drained: out.drained,
    receive(handler) {
      incoming.reader = handler;
      incoming.flow();
    },
    pause() {
      incoming.paused = true;
    },
    resume() {
      incoming.paused = false;
      incoming.flow();
    },
    end: out.finish,
    destroy: () => cut(null),
  };
}
