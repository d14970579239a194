import { fieldManager } from '../../core/objects/object.ts';
import type { Credentials } from './credentials.ts';
import { createDiscovery } from './discovery.ts';
import { type Answered, createHttp } from './http.ts';
import { createLimit } from './limit.ts';
import { listObjects } from './list.ts';
import { readLogs } from './logs.ts';
import { applyObject, deleteObject, getObject, replaceOwners } from './objects.ts';
import { type Kube, KubeError, type KubeErrorCode, type Resource } from './port.ts';
import { systemTime, type Time } from './time.ts';
import { watchObjects } from './watch.ts';

export interface KubeOptions {
  readonly userAgent?: string;
  /** Requests a second in the long run; without it the pace is the server's to set, by priority and fairness. */
  readonly qps?: number;
  /** Requests that may go at once after a rest; twice `qps` where it is not given. */
  readonly burst?: number;
  /** Requests unanswered at one time, and connections that carry them. */
  readonly maxInFlight?: number;
  /** Milliseconds that an answer may take. */
  readonly timeout?: number;
  /** Milliseconds after which a silent watch is taken for dead; a server sends bookmarks once a minute. */
  readonly watchSilence?: number;
  /** Milliseconds that a call may spend on waiting because the server asked it to (429, Retry-After). */
  readonly patience?: number;
  readonly time?: Time;
  /** Is told of each request. */
  readonly answered?: Answered;
  /** Is told of each watch that ends by itself: why. */
  readonly watchEnded?: (reason: WatchEnd) => void;
}

/** `ended`: by the server or with the connection; else what it was cut short by. */
export type WatchEnd = 'ended' | KubeErrorCode | 'failed';

/** A Kubernetes API over HTTP. `close` ends its connections, and calls and watches under way with them. */
export type KubeClient = Kube & { close(): Promise<void> };

/** The agent's client of one Kubernetes API server. Opens no connection until it is used. */
export function createKube(credentials: Credentials, options: KubeOptions = {}): KubeClient {
  const time = options.time ?? systemTime;
  const maxInFlight = options.maxInFlight ?? 16;
  const qps = options.qps ?? Number.POSITIVE_INFINITY;
  const limit = createLimit({ qps, burst: options.burst ?? qps * 2, maxInFlight }, time);
  const http = createHttp(
    credentials,
    limit,
    {
      answered: options.answered ?? (() => undefined),
      userAgent: options.userAgent ?? 'fairway-agent',
      connections: maxInFlight,
      timeout: options.timeout ?? 60_000,
      watchSilence: options.watchSilence ?? 150_000,
      patience: options.patience ?? 30_000,
    },
    time,
  );
  const discovery = createDiscovery(http, time);

  /** A kind whose path is gone was taken away since it was discovered, or is served in another version now. */
  const informed = async <T>(resource: Resource, call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (isNotServed(error)) discovery.forget(resource.group);
      throw error;
    }
  };

  return {
    version: async () =>
      ((await http.call({ method: 'GET', path: '/version' })).body as { gitVersion: string }).gitVersion,
    resourceOf: discovery.resourceOf,
    resources: discovery.resources,
    get: (resource, name, call) => getObject(http, resource, name, call),
    list: (resource, list) => informed(resource, listObjects(http, resource, list)),
    apply: (resource, object, apply) => informed(resource, applyObject(http, fieldManager, resource, object, apply)),
    replaceOwners: (resource, name, owners, call) => replaceOwners(http, resource, name, owners, call),
    delete: (resource, name, deletion) => deleteObject(http, resource, name, deletion),
    logs: (pod, logs) => readLogs(http, pod, logs),
    watch: async (resource, watch, onEvent) => {
      const ended = (reason: WatchEnd) => (watch.signal.aborted ? undefined : options.watchEnded?.(reason));
      try {
        await informed(resource, watchObjects(http, resource, watch, onEvent, time));
        ended('ended');
      } catch (error) {
        ended(error instanceof KubeError ? error.code : 'failed');
        throw error;
      }
    },
    close: http.close,
  };
}

/** The path itself is unknown, rather than an object or a namespace on it. */
function isNotServed(error: unknown): boolean {
  if (!(error instanceof KubeError) || error.code !== 'not-found') return false;
  return error.reason === '' || error.message.includes('could not find the requested resource');
}
