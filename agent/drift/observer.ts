import type { Logger } from 'pino';
import type { Wanted } from '../../core/desired.ts';
import { judge, type LiveRecord } from '../../core/live.ts';
import { type KubeObject, type ObjectRef, ownerLabel, refKey, refOf } from '../../core/object.ts';
import { type FollowHandlers, followKind } from '../kube/follow.ts';
import type { Kube, KubeError, Resource } from '../kube/port.ts';
import type { Timers } from '../reconcile/timers.ts';
import { createRecords, type Records } from './records.ts';

/**
 * Sees every object of the cluster that carries an owner's label: one watch a kind, and of each object only its
 * verdict against what is wanted (D1). What it does not know does not exist, or was never Fairway's.
 */
export interface Observer {
  /** Begins to follow a kind, if nobody has; null once all that stands of it is known. */
  follow(resource: Resource): Following | null;
  /** Whether all that stands of a kind is known. */
  knows(resource: Resource): boolean;
  /** What stands under a reference: in a resource, or in whatever version its kind is followed. */
  find(ref: ObjectRef, resource?: Resource): LiveRecord | undefined;
  /** Every record of one owner in a resource. */
  ownedBy(application: string, resource: Resource): readonly LiveRecord[];
  /** Every record in a namespace, of the kinds that are followed. */
  inNamespace(namespace: string): readonly LiveRecord[];
  /** Takes in an object that somebody has just read or written. */
  take(resource: Resource, object: KubeObject): LiveRecord;
  /** Reads one object anew; null where it does not exist. */
  read(resource: Resource, ref: ObjectRef): Promise<LiveRecord | null>;
  /** Reads all of an application's objects of a kind anew, and drops what is not there any more. */
  readAll(resource: Resource, application: string): Promise<void>;
  /** Ends all watches. */
  stop(): Promise<void>;
}

/** Why a kind is not known yet. */
export interface Following {
  readonly resource: Resource;
  readonly since: number;
  readonly error: KubeError | null;
}

/** An object changed, came or went. */
export type Change = {
  readonly key: string;
  readonly before: LiveRecord | undefined;
  readonly after: LiveRecord | undefined;
};

export interface ObserverOptions {
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

interface Followed {
  readonly resource: Resource;
  readonly records: Records;
  readonly since: number;
  synced: boolean;
  error: KubeError | null;
  done: Promise<void>;
}

/** Milliseconds until a kind is followed anew after what nobody expected. */
const afterCut = 10_000;

export function createObserver(options: ObserverOptions): Observer {
  const { kube, log, now, timers, wantedOf, onChange } = options;
  const kinds = new Map<string, Followed>();
  const rechecks = new Map<string, () => void>();
  const stopping = new AbortController();

  const keyOf = ({ resource: { group, kind } }: Followed, object: KubeObject) =>
    refKey({ ...refOf(object), group, kind });

  const observe = (followed: Followed, object: KubeObject): LiveRecord => {
    const key = keyOf(followed, object);
    const owner = object.metadata.labels?.[ownerLabel] ?? null;
    const after = judge(object, wantedOf(followed.resource, key, owner), now());
    const before = followed.records.get(key);
    if (followed.records.put(key, after)) {
      onChange({ key, before, after });
      recheck(followed, key, after);
    }
    return after;
  };

  /** What time alone makes worse is looked at again when its time has come (H1). */
  const recheck = (followed: Followed, key: string, { ref, health: { recheckAt } }: LiveRecord) => {
    rechecks.get(key)?.();
    rechecks.delete(key);
    if (recheckAt === undefined) return;
    const again = () => {
      rechecks.delete(key);
      if (stopping.signal.aborted) return;
      kube.get(followed.resource, ref, { signal: stopping.signal }).then(
        (live) => void (live === null ? null : observe(followed, live)),
        (error: unknown) => log.debug({ err: error, kind: ref.kind }, 'an object cannot be looked at again'),
      );
    };
    rechecks.set(key, timers.after(Math.max(recheckAt - now(), 0), again));
  };

  const drop = (followed: Followed, key: string, uid: string, resourceVersion: string) => {
    const before = followed.records.drop(key, uid, resourceVersion);
    if (before !== undefined) onChange({ key, before, after: undefined });
  };

  const keepOnly = (followed: Followed, keys: ReadonlySet<string>, resourceVersion: string | null) => {
    for (const before of followed.records.keepOnly(keys, resourceVersion))
      onChange({ key: refKey(before.ref), before, after: undefined });
  };

  /** An object that cannot be judged ends a watch; nobody is to be blind for good because of it. */
  const followOn = async (followed: Followed, handlers: FollowHandlers): Promise<void> => {
    const { resource } = followed;
    while (!stopping.signal.aborted) {
      try {
        await followKind(kube, resource, { labelSelector: ownerLabel }, handlers, stopping.signal);
      } catch (error) {
        log.error({ err: error, kind: resource.kind, group: resource.group }, 'following a kind was cut short');
        await pause(afterCut);
      }
    }
  };
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const cancel = timers.after(milliseconds, resolve);
      stopping.signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });

  const begin = (resource: Resource): Followed => {
    const followed: Followed = {
      resource,
      records: createRecords(),
      since: now(),
      synced: false,
      error: null,
      done: Promise.resolve(),
    };
    const handlers = {
      onSnapshot: (objects: readonly KubeObject[]) => {
        for (const object of objects) observe(followed, object);
        // What was written since that list and is dropped here comes back with the watch's first events.
        keepOnly(followed, new Set(objects.map((object) => keyOf(followed, object))), null);
        const first = !followed.synced;
        followed.synced = true;
        followed.error = null;
        if (first) options.onFollowing(resource);
      },
      onEvent: ({ type, object }: { type: 'added' | 'modified' | 'deleted'; object: KubeObject }) => {
        const { uid = '', resourceVersion = '' } = object.metadata;
        if (type === 'deleted') drop(followed, keyOf(followed, object), uid, resourceVersion);
        else observe(followed, object);
      },
      onError: (error: KubeError, retryIn: number) => {
        log.warn({ kind: resource.kind, group: resource.group, code: error.code, retryIn }, 'cannot follow a kind');
        followed.error = error;
        if (!followed.synced) options.onFollowing(resource);
      },
    };
    followed.done = followOn(followed, handlers);
    return followed;
  };

  const followedOf = (resource: Resource): Followed => {
    const key = resourceKey(resource);
    const followed = kinds.get(key) ?? begin(resource);
    kinds.set(key, followed);
    return followed;
  };

  return {
    follow: (resource) => {
      const { synced, since, error } = followedOf(resource);
      return synced ? null : { resource, since, error };
    },
    knows: (resource) => kinds.get(resourceKey(resource))?.synced === true,
    find: (ref, resource) => {
      const key = refKey(ref);
      if (resource !== undefined) return kinds.get(resourceKey(resource))?.records.get(key);
      for (const followed of kinds.values()) {
        if (followed.resource.group !== ref.group || followed.resource.kind !== ref.kind) continue;
        const record = followed.records.get(key);
        if (record !== undefined) return record;
      }
      return undefined;
    },
    ownedBy: (application, resource) =>
      [...(kinds.get(resourceKey(resource))?.records.values() ?? [])]
        .map(([, record]) => record)
        .filter(({ owner }) => owner === application),
    inNamespace: (namespace) =>
      [...kinds.values()]
        .flatMap(({ records }) => [...records.values()].map(([, record]) => record))
        .filter(({ ref }) => ref.namespace === namespace),
    take: (resource, object) => observe(followedOf(resource), object),
    read: async (resource, ref) => {
      const followed = followedOf(resource);
      const live = await kube.get(resource, ref, { signal: stopping.signal });
      if (live !== null) return observe(followed, live);
      const before = followed.records.get(refKey(ref));
      if (before !== undefined) drop(followed, refKey(ref), before.uid, before.resourceVersion);
      return null;
    },
    readAll: async (resource, application) => {
      const followed = followedOf(resource);
      const labelSelector = `${ownerLabel}=${application}`;
      const { items, resourceVersion } = await kube.list(resource, { labelSelector, signal: stopping.signal });
      for (const item of items) observe(followed, item);
      const keys = new Set(items.map((item) => keyOf(followed, item)));
      for (const [key, { owner }] of followed.records.values()) if (owner !== application) keys.add(key);
      keepOnly(followed, keys, resourceVersion);
    },
    stop: async () => {
      stopping.abort();
      for (const cancel of rechecks.values()) cancel();
      await Promise.all([...kinds.values()].map(({ done }) => done));
    },
  };
}

function resourceKey({ group, version, kind }: Resource): string {
  return `${group}/${version}/${kind}`;
}
