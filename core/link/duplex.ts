/**
 * One stream of messages, whatever carries it: gRPC between processes, memory in tests. Messages arrive in order or
 * not at all; after a cut, anything that was under way may be lost.
 */
export interface Duplex<Out, In> {
  /** Queues a message. Returns false where the peer is behind: wait for `drained` before sending more (L7). */
  send(message: Out): boolean;
  /** Resolves once there is room again, or the stream is over. */
  drained(): Promise<void>;
  /** Called once, before anything is sent. `closed` is the last call that a handler gets. */
  receive(handler: DuplexHandler<In>): void;
  /** Stops, and goes on with, the handing over of messages; what comes meanwhile holds the peer back. */
  pause(): void;
  resume(): void;
  /** Ends the stream once what was sent is on its way. */
  end(): void;
  /** Ends it now, whatever the peer does (T3). */
  destroy(): void;
}

export interface DuplexHandler<In> {
  message(message: In): void;
  /** @param error why, where the stream did not end in order */
  closed(error: Error | null): void;
}
