import type { KubeObject } from '../core/objects/object.ts';
import { established } from './controllers/collect.ts';
import { type Schedule, startControllers } from './controllers/drive.ts';
import { builtinKinds, definitionKind } from './kinds/builtin.ts';
import { type Kind, kindKey } from './kinds/kind.ts';
import { preinstalled } from './kinds/preinstalled.ts';
import { kindOfPath, servedKinds } from './kinds/registry.ts';
import { jsonPatch } from './patch/json-patch.ts';
import { mergePatch } from './patch/merge-patch.ts';
import { strategicMerge } from './patch/strategic-merge.ts';
import { systemNamespaces } from './store/admit.ts';
import { type Context, newUid, type Target, timestamp, type WriteOptions, type Written } from './store/context.ts';
import { type Deleted, type DeleteOptions, deleteObject } from './store/delete.ts';
import { type ListRequest, listPage, type Page } from './store/list.ts';
import { createState, freeze, type Listener, put } from './store/state.ts';
import { openWatch, type StoreEvent, type Watch, type WatchRequest } from './store/watch.ts';
import { applyObject, createObject, findObject, inVersion, patchObject, updateObject } from './store/write.ts';

export interface StoreOptions {
  /** Milliseconds until what a controller makes is ready; 1,000 where it is not given. */
  readonly readyAfter?: number;
  /** Changes that are remembered for watches and for pages of lists; 1,000 where it is not given. */
  readonly history?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly schedule?: Schedule;
  /** What a former store held, as `snapshot` gave it. */
  readonly snapshot?: Snapshot;
}

/** Everything that outlives the process. */
export interface Snapshot {
  readonly version: number;
  readonly objects: readonly { readonly kind: string; readonly object: KubeObject }[];
}

export type Patch =
  | { readonly type: 'json' | 'merge' | 'strategic'; readonly value: unknown }
  /** A change that is none of the standard ones, made by the caller. */
  | { readonly type: 'change'; readonly change: (object: Record<string, unknown>) => unknown };

/**
 * A Kubernetes API in memory. Objects that it hands out are frozen. Every operation answers at once, or throws
 * ApiError as the real server would refuse.
 */
export interface Store {
  kinds(): readonly Kind[];
  /** The kind that is served under a path; null where there is none. */
  kindOf(group: string, version: string, plural: string): Kind | null;
  version(): number;
  get(target: Target): KubeObject | null;
  list(kind: Kind, request?: ListRequest): Page;
  watch(kind: Kind, request: WatchRequest, onEvent: (event: StoreEvent) => void): Watch;
  create(target: Target, object: unknown, options?: WriteOptions): Written;
  update(target: Target, object: unknown, options?: WriteOptions): Written;
  patch(target: Target, patch: Patch, options?: WriteOptions): Written;
  apply(target: Target, object: unknown, options: WriteOptions & { readonly force?: boolean }): Written;
  delete(target: Target, options?: DeleteOptions): Deleted;
  snapshot(): Snapshot;
  /** Hears every change. @returns what ends that */
  onChange(listener: Listener): () => void;
  /** Ends its controllers and their timer. */
  stop(): void;
}

/** A timer that keeps no process alive. */
const systemSchedule: Schedule = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};

/** A store with the namespaces and CRDs of a new cluster, or with what its snapshot holds. */
export function createStore(options: StoreOptions = {}): Store {
  const {
    readyAfter = 1_000,
    history = 1_000,
    now = Date.now,
    random = Math.random,
    schedule = systemSchedule,
  } = options;
  const state = createState(history);
  const context: Context = { state, now, random };
  if (options.snapshot === undefined) furnish(context);
  else restore(context, options.snapshot);
  state.log = [];
  state.forgotten = state.version;
  const stopControllers = startControllers(context, { readyAfter, schedule });
  const shown = (target: Target, object: KubeObject) => inVersion(object, target.kind, target.version);

  return {
    kinds: () => servedKinds(state),
    kindOf: (group, version, plural) => kindOfPath(state, group, version, plural),
    version: () => state.version,
    get(target) {
      const object = findObject(context, target);
      return object === null ? null : shown(target, object);
    },
    list: (kind, request = {}) => listPage(state, kind, request),
    watch: (kind, request, onEvent) => openWatch(state, kind, request, onEvent),
    create: (target, object, write = {}) => createObject(context, target, object, write),
    update: (target, object, write = {}) => updateObject(context, target, object, write),
    patch: (target, patch, write = {}) =>
      patchObject(context, target, (object, kind) => patched(patch, object, kind), write),
    apply: (target, object, write) => applyObject(context, target, object, write),
    delete: (target, deletion) => deleteObject(context, target, deletion),
    snapshot: () => ({
      version: state.version,
      objects: [...state.objects].flatMap(([kind, objects]) =>
        [...objects.values()].map((object) => ({ kind, object })),
      ),
    }),
    onChange(listener) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
    stop: stopControllers,
  };
}

function patched(patch: Patch, object: Record<string, unknown>, kind: Kind): unknown {
  switch (patch.type) {
    case 'json':
      return jsonPatch(object, patch.value);
    case 'merge':
      return mergePatch(object, patch.value);
    case 'strategic':
      return strategicMerge(kind.type, object, patch.value);
    case 'change':
      return patch.change(object);
  }
}

function furnish(context: Context): void {
  const time = timestamp(context.now());
  const namespaces = builtinKinds.find((kind) => kindKey(kind) === '/namespaces') as Kind;
  for (const name of systemNamespaces) {
    createObject(
      context,
      { kind: namespaces, version: 'v1', namespace: '', name },
      { metadata: { name } },
      { fieldManager: 'kube-apiserver' },
    );
  }
  for (const definition of preinstalled) {
    const metadata = { ...definition.metadata, uid: newUid(context.random), creationTimestamp: time, generation: 1 };
    put(context.state, definitionKind, established({ ...definition, metadata }, time));
  }
}

/** Puts back what was there, each object with the version that it had. */
function restore({ state }: Context, snapshot: Snapshot): void {
  for (const { kind, object } of snapshot.objects) {
    const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const all = state.objects.get(kind) ?? new Map<string, KubeObject>();
    state.objects.set(kind, all.set(key, freeze(object)));
  }
  state.version = snapshot.version;
}
