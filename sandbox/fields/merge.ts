import { isMap, type ListType, type MapType, memberType, type Type, typeOf } from '../schema/type.ts';
import { isWhole, itemKey, itemsByKey } from './element.ts';

/** A live value with an applied one laid over it: what the applied one sets wins, merged lists keep the items of both. */
export function merge(declared: Type, live: unknown, applied: unknown): unknown {
  if (live === undefined || applied === null) return applied;
  if (isWhole(declared, applied) || isWhole(declared, live)) return applied;
  const type = typeOf(declared, applied);
  if (type.is === 'map' && isMap(live) && isMap(applied)) return mergeMaps(type, live, applied);
  if (type.is === 'list' && Array.isArray(live) && Array.isArray(applied)) return mergeLists(type, live, applied);
  return applied;
}

function mergeMaps(type: MapType, live: Record<string, unknown>, applied: Record<string, unknown>): unknown {
  const merged = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    merged[name] = merge(memberType(type, name) ?? { is: 'any' }, live[name], value);
  }
  return merged;
}

/** The applied order holds among the applied items; items that only the live list has keep their places. */
function mergeLists(type: ListType, live: readonly unknown[], applied: readonly unknown[]): unknown {
  const liveItems = itemsByKey(type, live);
  const appliedItems = itemsByKey(type, applied);
  const merged: unknown[] = [];
  const left = [...live];
  const pushLiveOnly = () => {
    for (;;) {
      const key = left.length === 0 ? null : itemKey(type, left[0]);
      if (left.length === 0 || (key !== null && appliedItems.has(key))) return;
      merged.push(left.shift());
    }
  };
  for (const [key, item] of appliedItems) {
    pushLiveOnly();
    merged.push(merge(type.items, liveItems.get(key), item));
    const at = left.findIndex((candidate) => itemKey(type, candidate) === key);
    if (at >= 0) left.splice(at, 1);
  }
  pushLiveOnly();
  return merged;
}
