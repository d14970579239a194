import { randomUUID } from 'node:crypto';
import { FairwayError, messageOf } from '../core/errors.ts';
import type { Page } from '../proto/rest/page.ts';
import type { ProblemDocument } from '../proto/rest/problem.ts';
import type { Connection } from './connection.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The hub's REST API. Every method throws the hub's own error, with its HTTP status in `details.status`. */
export interface Client {
  readonly url: string;
  get<T>(path: string, query?: Query): Promise<T>;
  /** The items of a list, page after page, up to `limit`. */
  list<T>(path: string, query?: Query, limit?: number): Promise<T[]>;
  /** A write, made once however often the connection breaks. */
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** A question that is too long for a URL: nothing changes by it, and the hub keeps no answer. */
  ask<T>(path: string, question: unknown): Promise<T>;
  /** The answer as it comes, for streams. */
  open(path: string, query: Query, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>;
}

/** Items asked for at once. */
const pageSize = 500;

/**
 * @throws FairwayError (from its methods) `hub-unreachable`, `hub-not-fairway`, or the code of the hub's problem
 */
export function createClient({ url, token }: Connection): Client {
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    let response: Response;
    try {
      response = await fetch(`${url}/api/v1${path}`, { ...init, headers, redirect: 'error' });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw unreachable(url, error);
    }
    if (!response.headers.has('fairway-version')) throw notFairway(url, response);
    if (!response.ok) throw problemError((await response.json()) as ProblemDocument);
    return response;
  }

  const get = async <T>(path: string, query: Query = {}) => (await (await request(withQuery(path, query))).json()) as T;

  return {
    url,
    get,
    async list<T>(path: string, query: Query = {}, limit = Number.POSITIVE_INFINITY) {
      const items: T[] = [];
      let cursor: string | undefined;
      do {
        const wanted = Math.min(pageSize, limit - items.length);
        const page: Page<T> = await get(path, { ...query, limit: wanted, cursor });
        items.push(...page.items);
        cursor = page.cursor ?? undefined;
      } while (cursor !== undefined && items.length < limit);
      return items;
    },
    async send<T>(method: string, path: string, body?: unknown) {
      const key = randomUUID();
      const once = () =>
        request(path, {
          method,
          headers: { 'idempotency-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
      // The key makes it safe to ask again where the answer, not the request, may have been lost.
      const response = await once().catch((error: unknown) => {
        if (error instanceof FairwayError && error.code === 'hub-unreachable') return once();
        throw error;
      });
      return (await response.json()) as T;
    },
    async ask<T>(path: string, question: unknown) {
      const headers = { 'content-type': 'application/json' };
      return (await (await request(path, { method: 'POST', headers, body: JSON.stringify(question) })).json()) as T;
    },
    open: (path, query, headers, signal) => request(withQuery(path, query), { headers, signal }),
  };
}

/** True where the hub is away or overloaded: the same question may be answered in a moment. */
export function isAway(error: unknown): error is FairwayError {
  return error instanceof FairwayError && (error.code === 'hub-unreachable' || error.details?.status === 503);
}

function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

function problemError({ code, detail, field, remedy, status }: ProblemDocument): FairwayError {
  return new FairwayError(code, detail, {
    ...(field === undefined ? {} : { field }),
    ...(remedy === undefined ? {} : { remedy }),
    details: { status },
  });
}

function unreachable(url: string, error: unknown): FairwayError {
  const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
  return new FairwayError('hub-unreachable', `no hub answers at ${url}: ${cause}`, {
    remedy: 'start one with `fairway hub`, or say where it is: --url, FAIRWAY_URL or `fairway login`',
    cause: error,
  });
}

function notFairway(url: string, { status }: Response): FairwayError {
  return new FairwayError('hub-not-fairway', `${url} answers (${status}), but not as a Fairway hub does`, {
    remedy: 'check the URL: it is that of FAIRWAY_HTTP, or of what stands before it',
  });
}
