import type { ClientDuplexStream, ServerDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { Duplex, DuplexHandler } from '../core/link/duplex.ts';
import type { Codec } from './codec.ts';
import { fromServiceError } from './refusal.ts';

type Bytes = Buffer<ArrayBufferLike>;

/** Bytes on their way to a peer above which it is behind, and below which it has caught up (L7). */
const behind = 1024 * 1024;
const caughtUp = 512 * 1024;

/**
 * A gRPC stream of raw messages as a `Duplex`. It counts bytes, for gRPC itself counts only messages.
 * @param destroy ends the stream now, whatever the peer does
 */
export function grpcDuplex<Out, In>(
  stream: ClientDuplexStream<Bytes, Bytes> | ServerDuplexStream<Bytes, Bytes>,
  outgoing: Codec<Out>,
  incoming: Codec<In>,
  destroy: () => void,
): Duplex<Out, In> {
  let handler: DuplexHandler<In> | null = null;
  let over = false;
  let ended = false;
  let underWay = 0;
  let waiting: (() => void)[] = [];

  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };

  const close = (error: Error | null) => {
    if (over) return;
    over = true;
    wake();
    handler?.closed(error);
  };

  const read = (bytes: Buffer) => {
    if (over) return;
    let message: In;
    try {
      message = incoming.decode(bytes);
    } catch (error) {
      destroy();
      close(new Error('the peer sent what is no message', { cause: error }));
      return;
    }
    handler?.message(message);
  };

  return {
    send(message) {
      if (over || ended) return true;
      const bytes = outgoing.encode(message);
      underWay += bytes.length;
      stream.write(bytes, () => {
        underWay -= bytes.length;
        if (underWay <= caughtUp) wake();
      });
      return underWay < behind;
    },
    drained: () => (over || underWay <= caughtUp ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    receive(own) {
      handler = own;
      stream.on('error', (error: ServiceError) => close(fromServiceError(error) ?? error));
      stream.on('cancelled', () => close(new Error('the stream was cut')));
      stream.on('end', () => close(null));
      stream.on('close', () => close(null));
      stream.on('data', read);
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    end() {
      if (!ended) stream.end();
      ended = true;
    },
    destroy() {
      destroy();
      close(null);
    },
  };
}
