import { listKeys } from '../fields/list-keys.ts';
import { isMap } from '../kinds/check.ts';
import { groupOf, type KubeObject } from '../objects/object.ts';

/**
 * Lays a partial object over a whole one: maps merge, null takes a field away, and lists merge where the API server
 * would merge them (by the names of containers, say); other lists are replaced. `$patch: delete` takes an item of
 * such a list away, `$patch: replace` replaces a map instead of merging it. Neither argument is changed.
 */
export function patchObject(object: KubeObject, patch: KubeObject): KubeObject {
  const walk = { group: groupOf(object.apiVersion), kind: object.kind };
  return mergeMaps(walk, [], object, patch) as KubeObject;
}

interface Walk {
  readonly group: string;
  readonly kind: string;
}
type JsonMap = Readonly<Record<string, unknown>>;

function mergeMaps(walk: Walk, path: readonly string[], base: JsonMap, patch: JsonMap): JsonMap {
  const { $patch: directive, ...changes } = patch;
  if (directive === 'replace') return withoutNulls(changes);
  const result = new Map(Object.entries(base));
  for (const [key, change] of Object.entries(changes)) {
    if (change === null) result.delete(key);
    else result.set(key, merge(walk, [...path, key], result.get(key), change));
  }
  return Object.fromEntries(result);
}

function merge(walk: Walk, path: readonly string[], base: unknown, change: unknown): unknown {
  if (isMap(change)) return mergeMaps(walk, path, isMap(base) ? base : {}, change);
  if (Array.isArray(change)) return mergeLists(walk, path, Array.isArray(base) ? base : [], change);
  return change;
}

function mergeLists(
  walk: Walk,
  path: readonly string[],
  base: readonly unknown[],
  change: readonly unknown[],
): unknown {
  const keys = listKeys(walk.group, walk.kind, path);
  if (keys === null) return change;
  if (keys === 'set') return [...base, ...change.filter((item) => !base.includes(item))];
  const result = [...base];
  for (const item of change) {
    const at = isMap(item) ? result.findIndex((other) => isMap(other) && isSame(other, item, keys)) : -1;
    const found = result[at];
    if (isMap(item) && item.$patch === 'delete') {
      if (at >= 0) result.splice(at, 1);
    } else if (at < 0) result.push(isMap(item) ? mergeMaps(walk, [...path, String(result.length)], {}, item) : item);
    else if (isMap(item) && isMap(found)) result[at] = mergeMaps(walk, [...path, String(at)], found, item);
  }
  return result;
}

/** True where both items have equal keys; a port without a protocol is one of TCP, and other keys may be missing in both. */
function isSame(one: JsonMap, other: JsonMap, keys: readonly string[]): boolean {
  const valueOfKey = (item: JsonMap, key: string) => item[key] ?? (key === 'protocol' ? 'TCP' : undefined);
  return keys.every((key) => valueOfKey(one, key) === valueOfKey(other, key));
}

function withoutNulls(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, member]) => member !== null));
}
