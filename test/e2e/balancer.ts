import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What stands before several replicas: one address, and behind it the one with the fewest connections. */
export interface Balancer {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  stop(): Promise<void>;
}

/** @param targets ports on loopback; asked for each connection. One that does not answer is passed over. */
export async function startBalancer(targets: () => readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const taken = new Map<number, number>();
  const count = (port: number, change: number) => taken.set(port, (taken.get(port) ?? 0) + change);
  const server = createServer(async (client) => {
    keep(client);
    for (const port of targets().toSorted((one, other) => (taken.get(one) ?? 0) - (taken.get(other) ?? 0))) {
      const target = keep(connect(port, '127.0.0.1'));
      const stands = await once(target, 'connect').then(
        () => true,
        () => false,
      );
      if (!stands) continue;
      count(port, 1);
      client.pipe(target).pipe(client);
      client.on('close', () => target.destroy());
      target.on('close', () => {
        count(port, -1);
        client.destroy();
      });
      return;
    }
    client.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
