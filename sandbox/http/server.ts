import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import { ApiError } from '../api/error.ts';
import type { Store } from '../store.ts';
import { authenticate } from './authenticate.ts';
import { answerDocument, answerPublic } from './document.ts';
import { type Exchange, send } from './exchange.ts';
import type { Keys } from './keys.ts';
import { answerResource } from './resource.ts';
import { answerReview, isReview } from './reviews.ts';
import { readPath } from './route.ts';

export interface ApiServer {
  readonly port: number;
  /** Ends all connections, watches included. */
  stop(): Promise<void>;
}

/** Serves a store over HTTPS on loopback. @param port 0: any free one */
export async function startApiServer(store: Store, keys: Keys, port: number, now: () => number): Promise<ApiServer> {
  const server = createServer(
    {
      cert: keys.server.certificate,
      key: keys.server.key,
      ca: keys.ca,
      requestCert: true,
      // Who brings no certificate may bring a token: each request is judged on its own.
      rejectUnauthorized: false,
    },
    (request, response) => void answer({ store, keys, now }, request, response),
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface Serving {
  readonly store: Store;
  readonly keys: Keys;
  readonly now: () => number;
}

async function answer(
  { store, keys, now }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://sandbox');
  const warnings: string[] = [];
  try {
    if (request.method === 'GET' && answerPublic({ response, warnings }, url.pathname)) return;
    const user = authenticate(request, keys.token);
    const exchange: Exchange = { store, request, response, query: url.searchParams, user, now, warnings };
    const route = readPath(url.pathname);
    if (route.to === 'document') answerDocument(exchange, route.path);
    else if (isReview(route.resource)) await answerReview(exchange, route.resource);
    else await answerResource(exchange, route.resource);
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { body } =
      error instanceof ApiError
        ? error
        : new ApiError(500, 'InternalError', `Internal error occurred: ${messageOf(error)}`);
    send({ response, warnings }, body.code ?? 500, body);
  } finally {
    request.resume();
  }
}
