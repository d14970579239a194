import { randomUUID } from 'node:crypto';
import {
  type ApplyOptions,
  type Kube,
  KubeError,
  type NamespacedName,
  type Resource,
  type WatchEvent,
} from '../../agent/kube/port.ts';
import { definedKinds } from '../../core/apply/desired.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../../core/objects/object.ts';
import { applied, managedFields, managerOf, type Stored, updated } from './apply.ts';
import { builtInResources } from './kinds.ts';

/**
 * A cluster in memory behind the agent's port: server-side apply with field owners, lists and watches by label,
 * deletion. It knows no schema, no defaults and no controllers; what it does know behaves as the real one does, for
 * the engine's suite runs on both.
 */
export interface MemoryCluster {
  readonly kube: Kube;
  /** Every write that has changed anything, by the agent or by others. */
  readonly writes: () => number;
  /** Changes an object as somebody else. */
  edit(ref: ObjectRef, manager: string, change: (object: KubeObject) => void): Promise<void>;
  /** Puts an object there as somebody else. */
  put(object: KubeObject, manager: string): Promise<void>;
  /** Reports how an object is, as its controller would. */
  setStatus(ref: ObjectRef, status: (object: KubeObject) => Record<string, unknown>): Promise<void>;
  remove(ref: ObjectRef): Promise<void>;
  objects(): readonly KubeObject[];
}

interface Logged {
  readonly resource: string;
  readonly version: number;
  readonly type: 'added' | 'modified' | 'deleted';
  readonly before: KubeObject | null;
  readonly object: KubeObject;
}

const remembered = 10_000;

export function createMemoryCluster(options: { readonly namespaces?: readonly string[] } = {}): MemoryCluster {
  const store = new Map<string, Stored>();
  const log: Logged[] = [];
  const listeners = new Set<() => void>();
  let version = 1;
  let writes = 0;

  const served = (): readonly Resource[] => {
    const definitions = [...store.values()].map(({ object }) => object);
    return [...builtInResources, ...definedKinds(definitions)];
  };
  const resourceKey = ({ group, kind }: { group: string; kind: string }) => `${group}/${kind}`;
  const keyOf = (resource: { group: string; kind: string }, { namespace, name }: NamespacedName) =>
    `${resourceKey(resource)}/${namespace}/${name}`;
  const findResource = (ref: { group: string; kind: string }) =>
    served().find((resource) => resource.group === ref.group && resource.kind === ref.kind) ?? null;

  const publish = (entry: Omit<Logged, 'version'>) => {
    log.push({ ...entry, version });
    if (log.length > remembered) log.shift();
    queueMicrotask(() => {
      for (const listener of [...listeners]) listener();
    });
  };

  const commit = (resource: { group: string; kind: string }, key: string, next: Stored): Stored => {
    const before = store.get(key) ?? null;
    const bare = (stored: Stored) =>
      canonicalJson({
        ...stored.object,
        metadata: { ...stored.object.metadata, managedFields: managedFields(stored) },
      });
    if (before !== null && bare(before) === bare(next)) return before;
    version += 1;
    writes += 1;
    const object = stamped(before?.object ?? null, next.object, String(version));
    const stored = { object, managers: next.managers };
    store.set(key, stored);
    publish({
      resource: resourceKey(resource),
      type: before === null ? 'added' : 'modified',
      before: before === null ? null : shown(before),
      object: shown(stored),
    });
    return stored;
  };

  const removeKey = (resource: { group: string; kind: string }, key: string): boolean => {
    const before = store.get(key);
    if (before === undefined) return false;
    if ((before.object.metadata.finalizers ?? []).length > 0) {
      const metadata = { ...before.object.metadata, deletionTimestamp: new Date().toISOString() };
      commit(resource, key, { ...before, object: { ...before.object, metadata } });
      return false;
    }
    store.delete(key);
    version += 1;
    writes += 1;
    const object = structuredClone(shown(before));
    object.metadata.resourceVersion = String(version);
    publish({ resource: resourceKey(resource), type: 'deleted', before: shown(before), object });
    return true;
  };

  const place = (resource: Resource, object: KubeObject, { dryRun, force }: ApplyOptions) => {
    const namespace = resource.namespaced ? (object.metadata.namespace ?? '') : '';
    const key = keyOf(resource, { namespace, name: object.metadata.name });
    check(object, namespace);
    const before = store.get(key) ?? null;
    const next = applied(before, structuredClone(object), force ?? false, new Date().toISOString());
    if (dryRun !== true) return { object: shown(commit(resource, key, next)), created: before === null };
    const versioned = stamped(before?.object ?? null, next.object, before?.object.metadata.resourceVersion ?? '');
    return { object: shown({ ...next, object: versioned }), created: before === null };
  };

  /** The one schema that it knows, and the one reference. */
  const check = (object: KubeObject, namespace: string) => {
    if (namespace !== '' && !store.has(keyOf({ group: '', kind: 'Namespace' }, { namespace: '', name: namespace })))
      throw new KubeError('not-found', `namespaces "${namespace}" not found`, { status: 404, reason: 'NotFound' });
    if (object.kind !== 'ConfigMap') return;
    for (const [name, value] of Object.entries((object.data ?? {}) as Record<string, unknown>)) {
      if (typeof value === 'string') continue;
      const message = `failed to create typed patch object: .data.${name}: expected string, got ${JSON.stringify(value)}`;
      const causes = [{ reason: 'FieldValueInvalid', message: 'expected string', field: `.data.${name}` }];
      throw new KubeError('invalid', message, { status: 500, causes });
    }
  };

  const list = (resource: Resource, namespace: string | undefined, selector: string | undefined) =>
    [...store.values()]
      .map(shown)
      .filter((object) => groupOf(object.apiVersion) === resource.group && object.kind === resource.kind)
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .filter((object) => selects(selector, object));

  const kube: Kube = {
    version: async () => 'v1.30.0-memory',
    resourceOf: async (group, kind) => findResource({ group, kind }),
    resources: async () => served(),
    get: async (resource, name) => {
      const stored = store.get(keyOf(resource, name));
      return stored === undefined ? null : shown(stored);
    },
    list: async (resource, { namespace, labelSelector, metadataOnly }) => ({
      items: list(resource, namespace, labelSelector).map((object) =>
        metadataOnly === true
          ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata }
          : object,
      ),
      resourceVersion: String(version),
    }),
    apply: async (resource, object, apply) => {
      apply.signal?.throwIfAborted();
      return place(resource, object, apply);
    },
    replaceOwners: async (resource, name, owners) => {
      const key = keyOf(resource, name);
      const stored = store.get(key);
      if (stored?.object.metadata.resourceVersion !== owners.resourceVersion)
        throw new KubeError('conflict', 'the object has been modified', { status: 409, reason: 'Conflict' });
      commit(resource, key, { ...stored, managers: owners.managedFields.map(managerOf) });
    },
    delete: async (resource, name, { uid, signal } = {}) => {
      signal?.throwIfAborted();
      const key = keyOf(resource, name);
      const stored = store.get(key);
      if (uid !== undefined && stored !== undefined && stored.object.metadata.uid !== uid)
        throw new KubeError('conflict', 'the UID in the precondition does not match', {
          status: 409,
          reason: 'Conflict',
        });
      return removeKey(resource, key);
    },
    logs: async () => '',
    watch: (resource, { resourceVersion, labelSelector, signal }, onEvent) =>
      new Promise((resolve, reject) => {
        let seen = Number(resourceVersion);
        const oldest = log[0]?.version ?? 0;
        if (log.length === remembered && seen < oldest - 1) {
          reject(new KubeError('gone', 'too old resource version', { status: 410, reason: 'Expired' }));
          return;
        }
        const deliver = () => {
          for (let at = firstAfter(log, seen); at < log.length; at++) {
            const entry = log[at];
            if (entry === undefined || signal.aborted) return;
            seen = entry.version;
            if (entry.resource !== resourceKey(resource)) continue;
            const event = eventFor(entry, labelSelector);
            if (event !== null) onEvent(event);
          }
        };
        listeners.add(deliver);
        signal.addEventListener('abort', () => {
          listeners.delete(deliver);
          resolve();
        });
        deliver();
      }),
  };

  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const put = async (object: KubeObject, manager: string) => {
    const ref = { group: groupOf(object.apiVersion), kind: object.kind };
    const key = keyOf(ref, { namespace: object.metadata.namespace ?? '', name: object.metadata.name });
    const nothing = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: object.metadata.name } };
    const before = store.get(key) ?? { object: nothing, managers: [] };
    commit(ref, key, updated(before, structuredClone(object), manager, new Date().toISOString()));
    await settle();
  };
  for (const name of options.namespaces ?? ['default'])
    void put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'kubectl');

  return {
    kube,
    writes: () => writes,
    objects: () => [...store.values()].map(shown),
    put,
    edit: async (ref, manager, change) => {
      const key = keyOf(ref, ref);
      const stored = store.get(key);
      if (stored === undefined) throw new Error(`${key} does not exist`);
      const object = structuredClone(stored.object);
      change(object);
      commit(ref, key, updated(stored, object, manager, new Date().toISOString()));
      const { deletionTimestamp, finalizers = [] } = object.metadata;
      if (deletionTimestamp !== undefined && finalizers.length === 0) removeKey(ref, key);
      await settle();
    },
    setStatus: async (ref, status) => {
      const key = keyOf(ref, ref);
      const stored = store.get(key);
      if (stored === undefined) throw new Error(`${key} does not exist`);
      commit(ref, key, { ...stored, object: { ...stored.object, status: status(shown(stored)) } });
      await settle();
    },
    remove: async (ref) => {
      removeKey(ref, keyOf(ref, ref));
      await settle();
    },
  };
}

/** What the server itself writes: identity, version, generation, and a definition's conditions. */
function stamped(before: KubeObject | null, next: KubeObject, resourceVersion: string): KubeObject {
  const object = structuredClone(next);
  object.metadata.uid = before?.metadata.uid ?? randomUUID();
  object.metadata.creationTimestamp = before?.metadata.creationTimestamp ?? new Date().toISOString();
  object.metadata.resourceVersion = resourceVersion;
  if (object.spec !== undefined) {
    const changed = before === null || canonicalJson(before.spec) !== canonicalJson(object.spec);
    object.metadata.generation = (before?.metadata.generation ?? 0) + (changed ? 1 : 0);
  }
  if (object.kind === 'CustomResourceDefinition')
    object.status = { conditions: [{ type: 'Established', status: 'True' }] };
  return object;
}

function shown(stored: Stored): KubeObject {
  return { ...stored.object, metadata: { ...stored.object.metadata, managedFields: managedFields(stored) } };
}

/** Where what came after a version begins; the log is in order. */
function firstAfter(log: readonly Logged[], version: number): number {
  let [low, high] = [0, log.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle]?.version ?? 0) > version) high = middle;
    else low = middle + 1;
  }
  return low;
}

function selects(selector: string | undefined, { metadata }: KubeObject): boolean {
  if (selector === undefined || selector === '') return true;
  const [name = '', value] = selector.split('=');
  const own = metadata.labels?.[name];
  return value === undefined ? own !== undefined : own === value;
}

/** A watch by label sees what gains the label come, and what loses it go. */
function eventFor({ type, before, object }: Logged, selector: string | undefined): WatchEvent | null {
  const was = before !== null && selects(selector, before);
  const is = type !== 'deleted' && selects(selector, object);
  if (was && is) return { type: 'modified', object };
  if (is) return { type: 'added', object };
  return was ? { type: 'deleted', object } : null;
}
