import type { KubeObject } from '../../core/objects/object.ts';
import { errorOfEvent } from './errors.ts';
import type { Http } from './http.ts';
import { createLineSplitter } from './lines.ts';
import { collectionPath } from './paths.ts';
import { KubeError, type Resource, type WatchEvent, type WatchOptions } from './port.ts';
import type { Time } from './time.ts';

interface WireEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

/** An object in etcd has at most 1.5 MB; its JSON may be longer. */
const maxEventBytes = 16 * 2 ** 20;
/** The server ends a watch after five to ten minutes, so that connections spread over its replicas. */
const shortestWatch = 300;

/**
 * Follows a kind until the signal aborts or the connection ends, whoever ends it.
 * @throws KubeError `gone` where the version is too old; what the server refuses a watch with.
 */
export async function watchObjects(
  http: Http,
  resource: Resource,
  options: WatchOptions,
  onEvent: (event: WatchEvent) => void,
  time: Time,
): Promise<void> {
  const timeoutSeconds = Math.ceil(shortestWatch * (1 + time.random()));
  const ended = new AbortController();
  const signal = AbortSignal.any([options.signal, ended.signal]);
  try {
    const body = await http.stream({
      method: 'GET',
      path: collectionPath(resource),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion,
        labelSelector: options.labelSelector,
        timeoutSeconds,
      },
      signal,
    });
    for await (const event of readEvents(body)) {
      if (options.signal.aborted) return;
      onEvent(event);
    }
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    ended.abort(); // Gives the connection back, whatever went wrong above.
  }
}

async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  const lines = createLineSplitter(maxEventBytes);
  const parse = (chunk: Uint8Array): WireEvent[] => {
    try {
      return lines.push(chunk).map((line) => JSON.parse(line) as WireEvent);
    } catch (cause) {
      // The parser's own words would quote the object (A11).
      const why = cause instanceof RangeError ? cause.message : 'a line is not JSON';
      throw new KubeError('unavailable', `the watch sent what is no event: ${why}`);
    }
  };
  for await (const chunk of readToEnd(body)) for (const event of parse(chunk)) yield eventOf(event);
}

/** A connection that breaks is a connection that ends: the caller goes on from the last version either way. */
async function* readToEnd(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    let next: IteratorResult<Uint8Array>;
    try {
      next = await chunks.next();
    } catch {
      return;
    }
    if (next.done === true) return;
    yield next.value;
  }
}

function eventOf({ type, object }: WireEvent): WatchEvent {
  switch (type) {
    case 'ADDED':
      return { type: 'added', object: object as KubeObject };
    case 'MODIFIED':
      return { type: 'modified', object: object as KubeObject };
    case 'DELETED':
      return { type: 'deleted', object: object as KubeObject };
    case 'BOOKMARK':
      return { type: 'bookmark', resourceVersion: (object as KubeObject).metadata.resourceVersion ?? '' };
    case 'ERROR':
      throw errorOfEvent(object);
  }
}
