import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import type { Credentials } from '../../../agent/kube/credentials.ts';
import { createRandom } from '../../sim/random.ts';
import type { KubeCluster } from '../harness/cluster.ts';
import { type Asked, callFault, type Fault, type WatchFault, watchFault } from './fault.ts';

/** Stands between an agent and a real API server, speaks TLS to both, and does to requests what a seed decides. */
export interface FaultyProxy {
  /** An administrator's, through the proxy. */
  readonly credentials: Credentials;
  /** From now on so large a share of the calls, and five times as many watches, go wrong. 0: none, those under way included. */
  setShare(share: number): void;
  /** Breaks every connection of the agent. */
  cut(): void;
  /** Resolves when the API server works on nothing any more that came through here. */
  settled(): Promise<void>;
  /** How often what went wrong. */
  counts(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/**
 * The same seed does the same to the same request the same time that it is made, however requests overtake each other.
 */
export async function startFaultyProxy(cluster: KubeCluster, seed: number): Promise<FaultyProxy> {
  const { ca, admin, server: own } = cluster.keys;
  const connect = { ca, cert: admin.certificate, key: admin.key };
  const target = new Pool(cluster.url, { connections: null, pipelining: 1, bodyTimeout: 0, connect });
  const sockets = new Set<Socket>();
  const asked = new Map<string, number>();
  const counts = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  const stalled = new Set<Socket>();
  let share = 0;

  /** Random numbers of this request, the so-manieth of its like. */
  const randomOf = (request: IncomingMessage, { pathname, searchParams }: URL) => {
    for (const name of ['resourceVersion', 'continue', 'timeoutSeconds']) searchParams.delete(name);
    const like = `${request.method} ${pathname}?${searchParams}`;
    const time = (asked.get(like) ?? 0) + 1;
    asked.set(like, time);
    return createRandom(hash(`${seed} ${time} ${like}`));
  };
  const count = ({ type, ...rest }: Fault | WatchFault) => {
    const what = 'status' in rest ? `${type} ${rest.status}` : type;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', cluster.url);
    const isWatch = url.searchParams.has('watch');
    const random = randomOf(request, new URL(url));
    const body = await buffer(request);
    const what: Asked = { method: request.method ?? 'GET', isList: url.searchParams.has('limit') || isWatch };
    const fault = callFault(random, share, what);
    if (fault !== null) {
      count(fault);
      if (fault.type === 'lost') return void response.destroy();
      if (fault.type === 'silence') return;
      if (fault.type === 'refused') return refuse(response, fault);
      if (fault.type === 'late') await sleep(fault.by);
    }
    // What nobody waits for any more is not sent, as the server does not begin what its client has left.
    if (response.destroyed || request.socket.destroyed) return;
    const abort = new AbortController();
    response.once('close', () => (isWatch ? abort.abort() : undefined));
    const answer = await target.request({
      method: what.method as Dispatcher.HttpMethod,
      path: url.pathname + url.search,
      headers: passedOn(request),
      body: body.length === 0 ? null : body,
      signal: abort.signal,
    });
    if (isWatch && answer.statusCode === 200)
      return follow(response, answer, watchFault(random, Math.min(1, share * 5)));
    const content = Buffer.from(await answer.body.arrayBuffer());
    answerWith(response, answer, content, fault?.type ?? null);
  };

  const follow = async (response: ServerResponse, answer: Dispatcher.ResponseData, fault: WatchFault | null) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    let open = true;
    let held = false;
    const harm = async ({ type, after }: WatchFault) => {
      await sleep(after);
      if (!open || share === 0) return;
      count({ type, after });
      if (type === 'stalled') {
        held = true;
        if (response.socket !== null) stalled.add(response.socket);
        return;
      }
      open = false;
      if (type === 'cut') response.destroy();
      else if (type === 'expired') response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(410) })}\n`);
      else response.end(type === 'torn' ? '{"type":"MODIFIED","object":{"kind":"Conf' : '');
    };
    if (fault !== null) void harm(fault);
    try {
      for await (const chunk of answer.body) {
        if (!open) break;
        if (!held && !response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    } finally {
      if (open && !held) response.end();
      open = false;
    }
  };

  const server = createServer({ key: own.key, cert: own.certificate }, (request, response) => {
    const served = serve(request, response).catch(() => response.destroy());
    underWay.add(served);
    void served.finally(() => underWay.delete(served));
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const identity = { tls: { options: { ca }, proxy: null }, headers: {} };
  return {
    credentials: {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      namespace: null,
      identity: async () => identity,
    },
    setShare(value) {
      share = value;
      if (share > 0) return;
      for (const socket of stalled) socket.destroy();
      stalled.clear();
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    counts: () => counts,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await target.destroy();
    },
  };
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const kept = ['accept', 'content-type', 'user-agent', 'impersonate-user'];
  return Object.fromEntries(
    kept.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}

function refuse(response: ServerResponse, { status, retryAfter }: Extract<Fault, { type: 'refused' }>): void {
  if (retryAfter !== null) response.setHeader('retry-after', retryAfter);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(statusOf(status)));
}

const reasons: Readonly<Record<number, string>> = {
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

/** As the API server words it, a conflict of two writers that met included: it names no field. */
function statusOf(code: number): object {
  const message = `the test's proxy says ${code}`;
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: reasons[code], code };
}

function answerWith(
  response: ServerResponse,
  answer: Dispatcher.ResponseData,
  content: Buffer,
  fault: Fault['type'] | null,
): void {
  if (fault === 'unanswered') return void response.destroy();
  const type = { 'content-type': String(answer.headers['content-type'] ?? 'application/json') };
  const half = content.subarray(0, content.length / 2);
  if (fault === 'truncated') return void response.writeHead(answer.statusCode, type).end(half);
  response.writeHead(answer.statusCode, { ...type, 'content-length': content.length });
  if (fault !== 'cut') return void response.end(content);
  response.write(half, () => response.destroy());
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return state;
}
