import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { messageOf } from '../../core/errors.ts';
import type { ObjectRef } from '../../core/objects/object.ts';
import { type Connections, closeConnections, destroyConnections, openConnections } from './connections.ts';
import type { Credentials, Identity } from './credentials.ts';
import { errorOfAnswer, errorOfConnection } from './errors.ts';
import type { Limit } from './limit.ts';
import { type Outcome, persist } from './persist.ts';
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

/** The content type of a server-side apply. JSON is YAML. */
export const applyType = 'application/apply-patch+yaml';
/** A refused credential is read anew at most so often, for that may run a program. Milliseconds. */
const renewEvery = 10_000;

export function createHttp(credentials: Credentials, limit: Limit, options: HttpOptions, time: Time): Http {
  const server = new URL(credentials.server);
  const prefix = server.pathname.replace(/\/+$/, '');
  let open: Connections | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let closed = false;

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
    const answered = (code: number) =>
      options.answered(verbOf(request, over), code, (performance.now() - began) / 1_000);
    let status = 0;
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
      status = response.statusCode;
      answered(status);
      if (status < 400) return { kind: 'done', value: await read(response) };
      const error = errorOfAnswer(status, await response.body.text(), object);
      return refusalOf(request, response, error);
    } catch (thrown) {
      request.signal?.throwIfAborted();
      if (status === 0) answered(status);
      const error = errorOfConnection(thrown, object);
      return closed ? { kind: 'failed', error } : { kind: 'again', why: { type: 'broken' }, error };
    }
  }

  const mayRenew = () => {
    if (time.now() - renewedAt < renewEvery) return false;
    renewedAt = time.now();
    return true;
  };
  const send = <T>(
    request: HttpRequest,
    over: 'calls' | 'watches',
    read: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> => {
    const once = async (renew: boolean) => {
      await limit.token(request.signal);
      return attempt(request, over, renew, read);
    };
    return persist(once, { patience: options.patience, time, mayRenew }, request.signal);
  };

  return {
    call: (request) => limit.inFlight(() => send(request, 'calls', readJson)),
    stream: (request) => send(request, 'watches', async (response) => response.body),
    async close() {
      closed = true;
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

/** @throws Error where the answer is not whole, without the parser's own words, which quote it (A11) */
async function readJson(response: Dispatcher.ResponseData): Promise<HttpAnswer> {
  const contentType = response.headers['content-type'];
  const text = await response.body.text();
  return {
    status: response.statusCode,
    contentType: typeof contentType === 'string' ? contentType : '',
    body: parse(text),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('its answer is not whole');
  }
}

function queryOf(query: HttpRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** What an answer that is no success means for the same request. */
function refusalOf({ body }: HttpRequest, response: Dispatcher.ResponseData, error: KubeError): Outcome<never> {
  const after = retryAfter(response);
  if (after !== null) return { kind: 'again', why: { type: 'asked', after }, error };
  if (error.status === 401) return { kind: 'again', why: { type: 'refused' }, error };
  // Two writers met an apply: nobody's field is in question, or the server would name it.
  const met = body?.type === applyType && error.status === 409 && error.causes.length === 0;
  if (error.code === 'unavailable' || met) return { kind: 'again', why: { type: 'broken' }, error };
  return { kind: 'failed', error };
}

/** Milliseconds to wait where the server says that the request may come again: on 429, and on 5xx that name a time. */
function retryAfter({ statusCode, headers }: Dispatcher.ResponseData): number | null {
  if (statusCode !== 429 && statusCode < 500) return null;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(seconds)) return Math.max(0.1, seconds) * 1000;
  return statusCode === 429 ? 1000 : null;
}
