import type { KubeObject } from '../../core/objects/object.ts';
import type { Kind } from '../kinds/kind.ts';
import { kindKey } from '../kinds/kind.ts';

/** One thing that happened to one object. */
export interface Change {
  readonly version: number;
  /** Of its kind, by `kindKey`. */
  readonly kind: string;
  readonly object: KubeObject;
  /** What stood there before; null for a new object. */
  readonly previous: KubeObject | null;
  /** The object is gone; `object` is its last form, with the version at which it went. */
  readonly deleted: boolean;
}

export type Listener = (change: Change) => void;

/** Everything that a store holds. Objects in it are frozen: a change puts another one in its place. */
export interface State {
  version: number;
  /** By `kindKey`, then by `objectKey`. */
  readonly objects: Map<string, Map<string, KubeObject>>;
  /** The last changes, oldest first: watches go on from them, and pages of a list are cut from one moment. */
  log: Change[];
  /** The version before the oldest change that is remembered. */
  forgotten: number;
  readonly listeners: Set<Listener>;
  readonly history: number;
}

/** @param history how many changes are remembered */
export function createState(history: number): State {
  return { version: 1, objects: new Map(), log: [], forgotten: 1, listeners: new Set(), history };
}

export function objectKey(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

export function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace ?? '', object.metadata.name);
}

/** All objects of a kind, in no order. */
export function objectsOf(state: State, kind: Pick<Kind, 'group' | 'plural'>): ReadonlyMap<string, KubeObject> {
  return state.objects.get(kindKey(kind)) ?? none;
}
const none: ReadonlyMap<string, KubeObject> = new Map();

/** Puts an object in place of what stood there, at the next version, and tells the listeners. */
export function put(state: State, kind: Kind, object: KubeObject): KubeObject {
  const key = kindKey(kind);
  let all = state.objects.get(key);
  if (all === undefined) {
    all = new Map();
    state.objects.set(key, all);
  }
  const previous = all.get(keyOf(object)) ?? null;
  state.version += 1;
  const stored = freeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(state.version) } });
  all.set(keyOf(object), stored);
  remember(state, { version: state.version, kind: key, object: stored, previous, deleted: false });
  return stored;
}

/** Takes an object out at the next version, and tells the listeners. */
export function take(state: State, kind: Kind, object: KubeObject): KubeObject {
  const key = kindKey(kind);
  const all = state.objects.get(key);
  const previous = all?.get(keyOf(object)) ?? null;
  all?.delete(keyOf(object));
  if (all?.size === 0) state.objects.delete(key);
  state.version += 1;
  const last = freeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(state.version) } });
  remember(state, { version: state.version, kind: key, object: last, previous, deleted: true });
  return last;
}

function remember(state: State, change: Change): void {
  state.log.push(change);
  // Half is forgotten at a time, so that forgetting costs little.
  if (state.log.length > state.history) {
    const cut = state.log.splice(0, state.log.length - Math.ceil(state.history / 2));
    state.forgotten = cut.at(-1)?.version ?? state.forgotten;
  }
  for (const listener of [...state.listeners]) listener(change);
}

/** Objects are handed out as they are: whoever changed one would change it for everybody. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
  return value;
}
