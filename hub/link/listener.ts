import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { LinkLimits } from './limits.ts';

/**
 * The port that agents dial. It owns every socket: how many there are, how many shake hands at once, and how each
 * ends. What passes speaks HTTP/2 over TLS 1.3, with or without a verified certificate.
 */
export interface Listener {
  readonly address: { readonly host: string; readonly port: number };
  /** The connection of a call, by what gRPC calls its peer; null where it is gone. */
  connection(peer: string): Connection | null;
  /** From now on new connections get these credentials. */
  renew(credentials: SecureContextOptions): void;
  close(): Promise<void>;
}

interface Connection {
  readonly socket: TLSSocket;
  /** Address of the peer, without its port. */
  readonly remote: string;
  /** Calls under way: a connection without one is closed after a while. @returns ends the count of this call */
  begin(): () => void;
}

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly credentials: SecureContextOptions;
  /** PEM: those whose client certificates count. */
  readonly authorities: readonly string[];
  readonly limits: LinkLimits;
  readonly log: Logger;
  /** A connection has proved that it speaks HTTP/2. */
  accept(socket: TLSSocket): void;
}

/** Connections that the kernel holds until they are taken; of the thousands that come at once it would drop the rest. */
const backlog = 4_096;
/** Milliseconds in which refused connections are told of once. */
const tellDropsEvery = 10_000;
/** Milliseconds for which a handshake keeps others waiting: it takes work only while its peer answers. */
const turn = 1_000;

/** Listens. @throws the system's error where the address cannot be had */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const { host, port, credentials, authorities, limits, log, accept } = options;
  const connections = new Map<string, Connection>();
  const sockets = new Set<Socket>();
  const queue: { readonly socket: Socket; readonly since: number }[] = [];
  let shaking = 0;

  const tls = createTlsServer({
    ...credentials,
    ca: [...authorities],
    requestCert: true,
    // Join has no certificate yet: each call asks for what it needs.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    handshakeTimeout: limits.handshakeTime,
  });

  const shakeNext = () => {
    while (shaking < limits.handshakes) {
      const next = queue.shift();
      if (next === undefined) return;
      const { socket, since } = next;
      // It comes back, and later each time (L5): with a queue that grew on and on, all would be let in too late.
      if (performance.now() - since > limits.queueTime) socket.destroy();
      else if (!socket.destroyed) shake(socket);
    }
  };

  /** Counts a handshake until it succeeds, fails, its socket is gone, or its peer takes its time, which costs nothing. */
  const shake = (socket: Socket) => {
    shaking++;
    let done = false;
    const late = setTimeout(() => finish(), turn);
    const finish = () => {
      if (done) return;
      done = true;
      clearTimeout(late);
      shaking--;
      socket.off('close', finish);
      handshakes.delete(keyOf(socket));
      shakeNext();
    };
    handshakes.set(keyOf(socket), finish);
    socket.once('close', finish);
    tls.emit('connection', socket);
  };
  const handshakes = new Map<string, () => void>();

  tls.on('secureConnection', (socket) => {
    handshakes.get(keyOf(socket))?.();
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy();
      return;
    }
    socket.on('error', (error) => log.debug({ error: error.message }, 'a connection failed'));
    const key = keyOf(socket);
    const connection = createConnection(socket, limits.idleTime);
    connections.set(key, connection);
    socket.once('close', () => connections.delete(key));
    accept(socket);
  });
  tls.on('tlsClientError', (error, socket) => {
    log.debug({ error: error.message, remote: socket.remoteAddress }, 'a handshake failed');
    socket.destroy();
  });

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    // Who has said nothing yet waits beside the queue, so that nobody waits behind.
    const silent = setTimeout(() => socket.destroy(), limits.handshakeTime);
    socket.once('close', () => clearTimeout(silent));
    socket.once('readable', () => {
      clearTimeout(silent);
      queue.push({ socket, since: performance.now() });
      shakeNext();
    });
  });
  server.maxConnections = limits.connections;
  const tellDrop = everySoOften(tellDropsEvery, (times) =>
    log.warn({ connections: limits.connections, times }, 'connections were refused: there are too many'),
  );
  server.on('drop', tellDrop);
  await started(server, host, port);

  return {
    address: boundAddress(server),
    connection: (peer) => connections.get(peer) ?? null,
    renew: (fresh) => tls.setSecureContext({ ...fresh, ca: [...authorities], minVersion: 'TLSv1.3' }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function createConnection(socket: TLSSocket, idleTime: number): Connection {
  let calls = 0;
  let timer = setTimeout(() => socket.destroy(), idleTime);
  socket.once('close', () => clearTimeout(timer));
  return {
    socket,
    remote: socket.remoteAddress ?? 'unknown',
    begin() {
      calls++;
      clearTimeout(timer);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        calls--;
        if (calls === 0 && !socket.destroyed) timer = setTimeout(() => socket.destroy(), idleTime);
      };
    },
  };
}

/** Says at once that something happened, and then how often it did, once in a while. */
function everySoOften(milliseconds: number, say: (times: number) => void): () => void {
  let times = 0;
  let timer: NodeJS.Timeout | null = null;
  return () => {
    times++;
    if (timer !== null) return;
    say(times);
    times = 0;
    timer = setTimeout(() => {
      timer = null;
      if (times > 0) say(times);
      times = 0;
    }, milliseconds);
    timer.unref();
  };
}

/** As gRPC names a peer. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function started(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function boundAddress(server: Server): Listener['address'] {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no address');
  return { host: address.address, port: address.port };
}
