import type { LiveRecord } from '../../core/apply/live.ts';
import { type KubeObject, type ObjectRef, ownerLabel, refKey } from '../../core/objects/object.ts';
import type { KubeError, Resource } from '../kube/port.ts';
import { createFollowedKind, type FollowedKind, type FollowOptions } from './followed-kind.ts';

/**
 * Sees every object of the cluster that carries an owner's label, of the kinds that some application has (D1). What it
 * does not know does not exist, or was never Fairway's.
 */
export interface Observer {
  /**
   * Follows these kinds for an application, and no others: a kind that no application has any more is followed no
   * longer. Answers those of which not yet all that stands is known.
   */
  followFor(application: string, resources: readonly Resource[]): readonly Following[];
  /** Whether all that stands of a kind is known. */
  knows(resource: Resource): boolean;
  /** What stands under a reference: in a resource, or in whatever version its kind is followed. */
  find(ref: ObjectRef, resource?: Resource): LiveRecord | undefined;
  /** Every record of one owner in a resource. */
  ownedBy(application: string, resource: Resource): readonly LiveRecord[];
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

export function createObserver(options: FollowOptions): Observer {
  const { kube } = options;
  const kinds = new Map<string, FollowedKind>();
  const users = new Map<string, ReadonlySet<string>>();
  const ending = new Set<Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;

  const followed = (resource: Resource): FollowedKind => {
    const key = resourceKey(resource);
    const kind = kinds.get(key) ?? createFollowedKind(resource, options);
    kinds.set(key, kind);
    return kind;
  };

  const end = (kind: FollowedKind) => {
    const ended = kind.stop().finally(() => ending.delete(ended));
    ending.add(ended);
  };

  const endUnused = () => {
    const used = new Set([...users.values()].flatMap((keys) => [...keys]));
    for (const [key, kind] of kinds) {
      if (used.has(key)) continue;
      kinds.delete(key);
      end(kind);
    }
  };

  return {
    followFor: (application, resources) => {
      const before = users.get(application);
      const keys = new Set(resources.map(resourceKey));
      if (keys.size === 0) users.delete(application);
      else users.set(application, keys);
      if ([...(before ?? [])].some((key) => !keys.has(key))) endUnused();
      return resources.flatMap((resource) => {
        const kind = followed(resource);
        return kind.isKnown() ? [] : [{ resource, since: kind.since, error: kind.error() }];
      });
    },
    knows: (resource) => kinds.get(resourceKey(resource))?.isKnown() === true,
    find: (ref, resource) => {
      const key = refKey(ref);
      if (resource !== undefined) return kinds.get(resourceKey(resource))?.records.get(key);
      for (const { resource: own, records } of kinds.values()) {
        const record = own.group === ref.group && own.kind === ref.kind ? records.get(key) : undefined;
        if (record !== undefined) return record;
      }
      return undefined;
    },
    ownedBy: (application, resource) =>
      [...(kinds.get(resourceKey(resource))?.records.values() ?? [])]
        .map(([, record]) => record)
        .filter(({ owner }) => owner === application),
    take: (resource, object) => followed(resource).take(object),
    read: async (resource, ref) => {
      const live = await kube.get(resource, ref, { signal });
      const kind = followed(resource);
      if (live !== null) return kind.take(live);
      const before = kind.records.get(refKey(ref));
      if (before !== undefined) kind.drop(refKey(ref), before.uid, before.resourceVersion);
      return null;
    },
    readAll: async (resource, application) => {
      const labelSelector = `${ownerLabel}=${application}`;
      const { items, resourceVersion } = await kube.list(resource, { labelSelector, signal });
      const kind = followed(resource);
      for (const item of items) kind.take(item);
      const keys = new Set(items.map(kind.keyOf));
      for (const [key, { owner }] of kind.records.values()) if (owner !== application) keys.add(key);
      kind.keepOnly(keys, resourceVersion);
    },
    stop: async () => {
      stopping.abort();
      for (const kind of kinds.values()) end(kind);
      kinds.clear();
      users.clear();
      await Promise.all(ending);
    },
  };
}

function resourceKey({ group, version, kind }: Resource): string {
  return `${group}/${version}/${kind}`;
}
