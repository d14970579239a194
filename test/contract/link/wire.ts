import { connect, createServer, type Socket } from 'node:net';

/** A wire between agents and hub that can be cut, stalled, and held shut. */
export interface Wire {
  readonly port: number;
  /** Every connection is lost now. */
  cut(): void;
  /** Takes nothing more from either side, as a peer that stopped. */
  stall(): void;
  close(): Promise<void>;
}

export async function startWire(target: { readonly port: number }): Promise<Wire> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(target.port, '127.0.0.1');
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    cut,
    stall() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
