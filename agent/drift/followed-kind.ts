import type { Logger } from 'pino';
import type { Wanted } from '../../core/apply/desired.ts';
import { judge, type LiveRecord } from '../../core/apply/live.ts';
import { type KubeObject, objectKey, ownerLabel, refKey } from '../../core/objects/object.ts';
import { type FollowHandlers, followKind } from '../kube/follow.ts';
import type { Kube, KubeError, Resource } from '../kube/port.ts';
import type { Timers } from '../reconcile/timers.ts';
import { createRecords, type Records } from './records.ts';

/** One kind that is followed: a watch of what bears an owner's label, and of each object its verdict alone (D1). */
export interface FollowedKind {
  readonly resource: Resource;
  readonly records: Records;
  readonly since: number;
  /** All that stands of it is known. */
  isKnown(): boolean;
  /** Why it is not followed just now; null: it is. */
  error(): KubeError | null;
  /** Takes in an object that somebody has just read or written. */
  take(object: KubeObject): LiveRecord;
  /** Takes in that an object was found to be gone. */
  drop(key: string, uid: string, resourceVersion: string): void;
  /** Drops what a list does not have, of what was there before that list (null: of everything). */
  keepOnly(keys: ReadonlySet<string>, resourceVersion: string | null): void;
  keyOf(object: KubeObject): string;
  /** Ends the watch, and resolves when it has ended. */
  stop(): Promise<void>;
}

/** An object changed, came or went. */
export type Change = {
  readonly key: string;
  readonly before: LiveRecord | undefined;
  readonly after: LiveRecord | undefined;
};

export interface FollowOptions {
  readonly kube: Kube;
  readonly log: Logger;
  readonly now: () => number;
  readonly timers: Timers;
  /** What is to be held against an object. */
  readonly wantedOf: (resource: Resource, key: string, owner: string | null) => Wanted | null;
  readonly onChange: (change: Change) => void;
  /** All that stands of a kind is known, or cannot be read. */
  readonly onFollowing: (resource: Resource) => void;
}

/** Milliseconds until a kind is followed anew after what nobody expected, and an object looked at again. */
const afterCut = 10_000;

/** True where an object would be judged as it was: neither it nor what is wanted has changed, nor is it time yet. */
function holdsStill(
  { uid, resourceVersion, judged, health: { recheckAt } }: LiveRecord,
  { metadata }: KubeObject,
  wanted: Wanted | null,
  now: number,
): boolean {
  return (
    uid === metadata.uid &&
    resourceVersion === metadata.resourceVersion &&
    judged === (wanted?.digest ?? null) &&
    (recheckAt === undefined || now < recheckAt)
  );
}

export function createFollowedKind(resource: Resource, options: FollowOptions): FollowedKind {
  const { kube, log, now, timers, wantedOf, onChange, onFollowing } = options;
  const { group, kind } = resource;
  const records = createRecords();
  const rechecks = new Map<string, () => void>();
  const stopping = new AbortController();
  const { signal } = stopping;
  let known = false;
  let failure: KubeError | null = null;

  const keyOf = (object: KubeObject) => objectKey(object, resource);

  const take = (object: KubeObject): LiveRecord => {
    const key = keyOf(object);
    const owner = object.metadata.labels?.[ownerLabel] ?? null;
    const wanted = wantedOf(resource, key, owner);
    const before = records.get(key);
    // The watch tells of the agent's own writes too, and a list of everything.
    if (before !== undefined && holdsStill(before, object, wanted, now())) return before;
    const after = judge(object, wanted, now());
    if (!signal.aborted && records.put(key, after)) {
      onChange({ key, before, after });
      recheck(key, after);
    }
    return after;
  };

  const forget = (key: string, before: LiveRecord) => {
    rechecks.get(key)?.();
    rechecks.delete(key);
    onChange({ key, before, after: undefined });
  };
  const drop = (key: string, uid: string, resourceVersion: string) => {
    const before = records.drop(key, uid, resourceVersion);
    if (before !== undefined) forget(key, before);
  };
  const keepOnly = (keys: ReadonlySet<string>, resourceVersion: string | null) => {
    for (const before of records.keepOnly(keys, resourceVersion)) forget(refKey(before.ref), before);
  };

  /** What time alone makes worse is looked at again when its time has come (H1). */
  const recheck = (key: string, { ref, health: { recheckAt } }: LiveRecord) => {
    rechecks.get(key)?.();
    rechecks.delete(key);
    if (recheckAt === undefined) return;
    const again = () => {
      kube.get(resource, ref, { signal }).then(
        (live) => void (live === null ? null : take(live)),
        (error: unknown) => {
          if (signal.aborted) return;
          log.debug({ err: error, kind }, 'an object cannot be looked at again yet');
          rechecks.set(key, timers.after(afterCut, again));
        },
      );
    };
    rechecks.set(key, timers.after(Math.max(recheckAt - now(), 0), again));
  };

  const handlers: FollowHandlers = {
    onSnapshot: (objects) => {
      for (const object of objects) take(object);
      // What was written since that list and is dropped here comes back with the watch's first events.
      keepOnly(new Set(objects.map(keyOf)), null);
      const isFirst = !known;
      known = true;
      failure = null;
      if (isFirst) onFollowing(resource);
    },
    onEvent: ({ type, object }) => {
      const { uid = '', resourceVersion = '' } = object.metadata;
      if (type === 'deleted') drop(keyOf(object), uid, resourceVersion);
      else take(object);
    },
    onError: (error, retryIn) => {
      log.warn({ kind, group, code: error.code, retryIn }, 'cannot follow a kind');
      failure = error;
      if (!known) onFollowing(resource);
    },
  };

  /** An object that cannot be judged ends a watch; nobody is to be blind for good because of it. */
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await followKind(kube, resource, { labelSelector: ownerLabel }, handlers, signal);
      } catch (error) {
        log.error({ err: error, kind, group }, 'following a kind was cut short');
        await pause(afterCut);
      }
    }
  };
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = timers.after(milliseconds, end);
      signal.addEventListener('abort', end);
    });

  const done = follow();
  return {
    resource,
    records,
    since: now(),
    isKnown: () => known,
    error: () => failure,
    take,
    drop,
    keepOnly,
    keyOf,
    stop: () => {
      stopping.abort();
      for (const cancel of rechecks.values()) cancel();
      return done;
    },
  };
}
