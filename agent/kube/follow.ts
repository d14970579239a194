import { backoff } from '../../core/backoff.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { type Kube, KubeError, type Resource, type WatchEvent } from './port.ts';
import { systemTime, type Time } from './time.ts';

export interface FollowHandlers {
  /** All that matches now: at the start, and again when events were missed. What is absent from it is gone. */
  onSnapshot(objects: readonly KubeObject[]): void;
  onEvent(event: Exclude<WatchEvent, { type: 'bookmark' }>): void;
  /** A call failed; the next try is in so many milliseconds. */
  onError(error: KubeError, retryIn: number): void;
}

/** A watch that ended before this, with nothing to tell, counts as a failure. Milliseconds. */
const shortWatch = 5_000;
/** Between any two tries, and on top of it what grows with each failure. Milliseconds. */
const pause = 50;
const growing = { first: 250, ceiling: 30_000 };

/**
 * Keeps up with a kind until the signal aborts: lists it, watches from there, goes on from the last version after a
 * disconnect, and lists again where that version is too old. Bookmarks move the version. Between two tries it waits,
 * ever longer while nothing succeeds, so that no server makes it spin.
 * @throws whatever a handler throws
 */
export async function followKind(
  kube: Pick<Kube, 'list' | 'watch'>,
  resource: Resource,
  selector: { readonly labelSelector?: string },
  handlers: FollowHandlers,
  signal: AbortSignal,
  time: Time = systemTime,
): Promise<void> {
  let version: string | null = null;
  let failures = 0;

  const watchOnce = async (from: string) => {
    const startedAt = time.now();
    let told = false;
    await kube.watch(resource, { ...selector, resourceVersion: from, signal }, (event) => {
      told = true;
      failures = 0;
      if (event.type === 'bookmark') {
        version = event.resourceVersion;
      } else {
        version = event.object.metadata.resourceVersion ?? version;
        handlers.onEvent(event);
      }
    });
    failures = told || time.now() - startedAt >= shortWatch ? 0 : failures + 1;
  };

  while (!signal.aborted) {
    let wait: number;
    try {
      if (version === null) {
        const { items, resourceVersion } = await kube.list(resource, { ...selector, signal });
        version = resourceVersion;
        handlers.onSnapshot(items);
      }
      await watchOnce(version);
      wait = pause + backoff(failures, time.random(), growing);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KubeError)) throw error;
      if (error.code === 'gone') version = null;
      wait = pause + backoff(failures, time.random(), growing);
      failures += 1;
      handlers.onError(error, wait);
    }
    await time.sleep(wait, signal).catch(() => undefined); // The loop looks at the signal.
  }
}
