import type { KubeObject } from '../../core/objects/object.ts';
import { expired } from '../api/error.ts';
import { type Kind, kindKey } from '../kinds/kind.ts';
import { parseVersion } from './list.ts';
import { type Predicate, type Selection, selects } from './select.ts';
import { type Change, keyOf, objectsOf, type State } from './state.ts';

export interface WatchRequest extends Selection {
  /** Empty or `0`: begin with everything that is there. */
  readonly resourceVersion?: string;
  /** Begin with everything that is there, and say where that ends. */
  readonly sendInitialEvents?: boolean;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

export interface Watch {
  /** What happened between the version asked for and now. */
  readonly first: readonly StoreEvent[];
  stop(): void;
}

/**
 * Follows a kind. `onEvent` hears what happens from now on, as it happens.
 * @throws ApiError 410 where the version asked for is forgotten, or was never reached
 */
export function openWatch(
  state: State,
  kind: Kind,
  request: WatchRequest,
  onEvent: (event: StoreEvent) => void,
): Watch {
  const wanted = selects(kind, request);
  const first = firstEvents(state, kind, request, wanted);
  const key = kindKey(kind);
  const listener = (change: Change) => {
    if (change.kind !== key) return;
    const event = eventOf(change, wanted);
    if (event !== null) onEvent(event);
  };
  state.listeners.add(listener);
  return { first, stop: () => state.listeners.delete(listener) };
}

function firstEvents(state: State, kind: Kind, request: WatchRequest, wanted: Predicate): StoreEvent[] {
  const { resourceVersion = '', sendInitialEvents = false } = request;
  if (resourceVersion === '' || resourceVersion === '0' || sendInitialEvents) {
    return [...objectsOf(state, kind).values()]
      .filter(wanted)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .map((object) => ({ type: 'ADDED', object }));
  }
  const version = parseVersion(resourceVersion);
  if (version < state.forgotten || version > state.version) {
    throw expired(`too old resource version: ${version} (${state.forgotten})`);
  }
  return state.log
    .filter((change) => change.version > version && change.kind === kindKey(kind))
    .map((change) => eventOf(change, wanted))
    .filter((event) => event !== null);
}

/** What a change means to those who asked for some objects only: one that no longer matches is deleted to them. */
function eventOf({ object, previous, deleted }: Change, wanted: Predicate): StoreEvent | null {
  const before = previous !== null && wanted(previous);
  const now = !deleted && wanted(object);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return null;
  if (deleted) return { type: 'DELETED', object };
  return {
    type: 'DELETED',
    object: { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion ?? '' } },
  };
}
