import type { Logger } from 'pino';
import { decodeBundle } from '../../core/bundle.ts';
import { digestOf } from '../../core/canonical.ts';
import { FairwayError, messageOf } from '../../core/errors.ts';
import type { BundleChunk, BundleRefused } from '../../core/link/messages.ts';
import type { BundleSource } from '../reconcile/ports.ts';
import { type State, StateCorrupt } from '../state/port.ts';

/** Bundles: from the agent's own store, else from the hub, each checked by its digest (G4). */
export interface Bundles extends BundleSource {
  /** A stream is up: what is waited for is asked for. Null: there is none. */
  connect(ask: ((digest: string) => void) | null): void;
  chunk(chunk: BundleChunk): void;
  refused(refusal: BundleRefused): void;
  /** Asks again for what came to a halt. Call it every few seconds. */
  nudge(): void;
  /** Forgets the bundles that no assignment names. */
  collect(assigned: ReadonlySet<string>): Promise<void>;
}

interface Fetch {
  readonly promise: Promise<Uint8Array>;
  resolve(content: Uint8Array): void;
  reject(error: unknown): void;
  waiters: number;
  /** What has come, in order. */
  parts: Uint8Array[];
  received: number;
  /** When something last came or was asked for, on a clock that nobody sets. */
  movedAt: number;
  attempts: number;
}

const prefix = 'bundle/';
/** A larger bundle is taken for a mistake (L7). */
const largest = 128 * 1024 * 1024;
/** Milliseconds without a chunk after which a request is taken for lost. */
const patience = 30_000;
const mostAttempts = 5;

export function createBundles(state: State, log: Logger): Bundles {
  const fetches = new Map<string, Fetch>();
  let ask: ((digest: string) => void) | null = null;

  const request = (digest: string, fetch: Fetch) => {
    fetch.parts = [];
    fetch.received = 0;
    fetch.movedAt = performance.now();
    ask?.(digest);
  };

  /** One request, however many wait for it. */
  const fetchOf = (digest: string): Fetch => {
    const already = fetches.get(digest);
    if (already !== undefined) return already;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    promise.catch(() => undefined);
    const fetch: Fetch = { promise, resolve, reject, waiters: 0, parts: [], received: 0, movedAt: 0, attempts: 0 };
    fetches.set(digest, fetch);
    request(digest, fetch);
    return fetch;
  };

  const download = async (digest: string, signal: AbortSignal): Promise<Uint8Array> => {
    const fetch = fetchOf(digest);
    fetch.waiters++;
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([fetch.promise, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
      fetch.waiters--;
      if (fetch.waiters === 0 && fetches.get(digest) === fetch) fetches.delete(digest);
    }
  };

  const finish = async (digest: string, fetch: Fetch): Promise<void> => {
    const content = Buffer.concat(fetch.parts);
    if (digestOf(content) !== digest) {
      if (++fetch.attempts < mostAttempts) return request(digest, fetch);
      fetches.delete(digest);
      const message = `What the hub sent as the bundle ${digest} has another digest.`;
      return fetch.reject(new FairwayError('bundle-corrupt', message, { retry: 'again' }));
    }
    fetches.delete(digest);
    await state.write(recordOf(digest), content).catch((error: unknown) => {
      // It can be applied all the same; after a restart it is fetched anew.
      log.error({ digest, error: messageOf(error) }, 'a bundle cannot be kept');
    });
    fetch.resolve(content);
  };

  return {
    async get(digest, signal) {
      signal.throwIfAborted();
      const kept = await readKept(state, digest, log);
      return decodeBundle(kept ?? (await download(digest, signal)));
    },
    connect(sender) {
      ask = sender;
      if (ask !== null) for (const [digest, fetch] of fetches) request(digest, fetch);
    },
    chunk({ digest, size, offset, data }) {
      const fetch = fetches.get(digest);
      if (fetch === undefined) return;
      if (size > largest || offset !== fetch.received) {
        // Something in between was lost, or this is the rest of an earlier request: only the beginning helps.
        if (offset !== 0 || size > largest) return;
        fetch.parts = [];
        fetch.received = 0;
      }
      fetch.parts.push(data);
      fetch.received += data.byteLength;
      fetch.movedAt = performance.now();
      if (fetch.received >= size) void finish(digest, fetch);
    },
    refused({ digest, code, reason }) {
      const fetch = fetches.get(digest);
      fetches.delete(digest);
      fetch?.reject(new FairwayError(code, reason, { retry: 'again', details: { digest } }));
    },
    nudge() {
      if (ask === null) return;
      for (const [digest, fetch] of fetches) {
        if (performance.now() - fetch.movedAt > patience) request(digest, fetch);
      }
    },
    async collect(assigned) {
      const kept = new Set([...assigned].map(recordOf));
      for (const name of await state.list(prefix)) if (!kept.has(name)) await state.remove(name);
    },
  };
}

async function readKept(state: State, digest: string, log: Logger): Promise<Uint8Array | null> {
  try {
    const content = await state.read(recordOf(digest));
    if (content === null || digestOf(content) === digest) return content;
  } catch (error) {
    if (!(error instanceof StateCorrupt)) throw error;
  }
  log.warn({ digest }, 'a bundle in the store is damaged: fetching it anew');
  return null;
}

function recordOf(digest: string): string {
  return prefix + digest.replace(/^sha256:/, '');
}
