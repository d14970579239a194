import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { messageOf } from '../../core/errors.ts';
import type { ObjectRef } from '../../core/object.ts';
import { type Connections, closeConnections, destroyConnections, openConnections } from './connections.ts';
import type { Credentials, Identity } from './credentials.ts';
import { errorOfAnswer, errorOfConnection } from './errors.ts';
import type { Limit } from './limit.ts';
import { KubeError } from './port.ts';
import type { Time } from './time.ts';

interface HttpRequest {
  readonly method: 'GET' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Members that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly accept?: string;
  /** Sent as JSON under this content type. */
  readonly body?: { readonly type: string; readonly value: unknown };
  /** The service account to impersonate (A10). */
  readonly as?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What the call is about, for its errors. */
  readonly object?: ObjectRef | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** HTTP as the API server means it: every method throws KubeError for an answer that is no success. */
export interface Http {
  call(request: HttpRequest): Promise<HttpAnswer>;
  /** The body as it comes, on a connection of its own. */
  stream(request: HttpRequest): Promise<Readable>;
  close(): Promise<void>;
}

/** Is told of each request. */
export type Answered = (verb: Verb, status: number, seconds: number) => void;

/** What is asked, in Kubernetes' words. */
type Verb = 'get' | 'list' | 'watch' | 'patch' | 'delete';

export interface HttpOptions {
  /** `status` 0: no answer. */
  readonly answered: Answered;
  readonly userAgent: string;
  readonly connections: number;
  /** Milliseconds that an answer may take. */
  readonly timeout: number;
  /** Milliseconds after which a watch that says nothing, not even that nothing happened, is taken for dead. */
  readonly watchSilence: number;
  /** Milliseconds that a call may spend on waiting because the server asked it to. */
  readonly patience: number;
}

/** A refused credential is read anew at most so often, for that may run a program. */
const renewEvery = 10_000;
const maxTries = 10;

type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The same request may go again after so many milliseconds; if it may not, this is its error. */
  | { readonly kind: 'again'; readonly after: number; readonly why: 'asked' | 'stale' | 'refused'; error: KubeError };

export function createHttp(credentials: Credentials, limit: Limit, options: HttpOptions, time: Time): Http {
  const server = new URL(credentials.server);
  const prefix = server.pathname.replace(/\/+$/, '');
  let open: Connections | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;

  const identify = async (renew: boolean): Promise<Identity> => {
    try {
      return await credentials.identity(renew);
    } catch (cause) {
      throw new KubeError('unavailable', `no credentials for the API server: ${messageOf(cause)}`, { cause });
    }
  };

  async function attempt<T>(
    request: HttpRequest,
    over: 'calls' | 'watches',
    renew: boolean,
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<Outcome<T>> {
    const identity = await identify(renew);
    if (open?.tls !== identity.tls) {
      const old = open;
      open = openConnections(server.origin, identity.tls, options);
      // A destroyed pool refuses to close: both mean that nothing is left of it.
      if (old !== null) closeConnections(old).catch(() => destroyConnections(old));
    }
    const object = request.object ?? null;
    const began = performance.now();
    const answered = (status: number) =>
      options.answered(verbOf(request, over), status, (performance.now() - began) / 1_000);
    try {
      const response = await open[over].request({
        origin: server.origin,
        path: prefix + request.path + queryOf(request.query),
        method: request.method,
        headers: {
          accept: request.accept ?? 'application/json',
          'user-agent': options.userAgent,
          ...identity.headers,
          ...(request.body === undefined ? {} : { 'content-type': request.body.type }),
          ...(request.as === undefined ? {} : { 'impersonate-user': request.as }),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body.value),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      answered(response.statusCode);
      if (response.statusCode < 400) return { kind: 'done', value: await read(response) };
      const error = errorOfAnswer(response.statusCode, await response.body.text(), object);
      const after = retryAfter(response);
      if (response.statusCode === 401) return { kind: 'again', after: 0, why: 'refused', error };
      if (after !== null) return { kind: 'again', after, why: 'asked', error };
      throw error;
    } catch (thrown) {
      request.signal?.throwIfAborted();
      if (thrown instanceof KubeError) throw thrown;
      answered(0);
      const error = errorOfConnection(thrown, object);
      if (isStaleConnection(thrown)) return { kind: 'again', after: 0, why: 'stale', error };
      throw error;
    }
  }

  /** Every request here may safely be sent twice: reads, server-side applies, and deletions. */
  async function persist<T>(
    request: HttpRequest,
    over: 'calls' | 'watches',
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> {
    const deadline = time.now() + options.patience;
    let refusals = 0;
    let breaks = 0;
    for (let tries = 1; ; tries += 1) {
      request.signal?.throwIfAborted();
      await limit.token(request.signal);
      const outcome = await attempt(request, over, refusals > 0, read);
      if (outcome.kind === 'done') return outcome.value;
      if (tries >= maxTries || time.now() + outcome.after > deadline) throw outcome.error;
      switch (outcome.why) {
        case 'refused':
          refusals += 1;
          if (refusals > 1 || time.now() - renewedAt < renewEvery) throw outcome.error;
          renewedAt = time.now();
          break;
        case 'stale':
          breaks += 1;
          if (breaks > 1) throw outcome.error;
          break;
        case 'asked':
          await time.sleep(outcome.after * (1 + time.random() / 4), request.signal);
      }
    }
  }

  return {
    call: (request) => limit.inFlight(() => persist(request, 'calls', readJson)),
    stream: (request) => persist(request, 'watches', async (response) => response.body),
    async close() {
      if (open !== null) await destroyConnections(open);
    },
  };
}

function verbOf({ method, query }: HttpRequest, over: 'calls' | 'watches'): Verb {
  if (over === 'watches') return 'watch';
  switch (method) {
    case 'GET':
      return query !== undefined && 'limit' in query ? 'list' : 'get';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
  }
}

async function readJson(response: Dispatcher.ResponseData): Promise<HttpAnswer> {
  const contentType = response.headers['content-type'];
  return {
    status: response.statusCode,
    contentType: typeof contentType === 'string' ? contentType : '',
    body: await response.body.json(),
  };
}

function queryOf(query: HttpRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** Milliseconds to wait where the server says that the request may come again: on 429, and on 5xx that name a time. */
function retryAfter(response: Dispatcher.ResponseData): number | null {
  const { statusCode, headers } = response;
  if (statusCode !== 429 && statusCode < 500) return null;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(seconds)) return Math.max(0.1, seconds) * 1000;
  return statusCode === 429 ? 1000 : null;
}

/** The server closed a connection that was kept, just as it was used again: the request was not looked at. */
function isStaleConnection(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
