import { canonicalJson } from '../../core/canonical.ts';
import { badRequest } from '../api/error.ts';
import { isMap, type JsonMap, type ListType, memberType, type Type, typeOf } from '../schema/type.ts';

const setOrder = '$setElementOrder/';
const deleteFrom = '$deleteFromPrimitiveList/';

/**
 * Strategic merge patch, as kubectl computes it: lists with a merge key are merged by it, with the directives
 * `$patch`, `$retainKeys`, `$setElementOrder` and `$deleteFromPrimitiveList`.
 * @throws ApiError 400 for an item that lacks its merge key, or a directive that is none
 */
export function strategicMerge(type: Type, target: unknown, patch: unknown): unknown {
  return isMap(patch) ? mergeMap(type, isMap(target) ? target : {}, patch) : patch;
}

function mergeMap(declared: Type, target: JsonMap, patch: JsonMap): JsonMap {
  const type = typeOf(declared, patch);
  const { $patch: directive, $retainKeys: retained, ...rest } = patch;
  if (directive === 'replace') return withoutNulls(rest);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`invalid $patch value ${String(directive)}`);
  const merged: JsonMap = { ...target };
  if (Array.isArray(retained)) {
    for (const name of Object.keys(merged)) if (!retained.includes(name)) delete merged[name];
  }
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith(setOrder) || name.startsWith(deleteFrom)) continue;
    const member = (type.is === 'map' ? memberType(type, name) : undefined) ?? { is: 'any' };
    if (value === null) delete merged[name];
    else if (isMap(value)) merged[name] = mergeMap(member, isMap(merged[name]) ? merged[name] : {}, value);
    else if (Array.isArray(value)) merged[name] = mergeList(member, merged[name], value);
    else merged[name] = value;
  }
  for (const [name, value] of Object.entries(rest)) {
    if (!Array.isArray(value)) continue;
    if (name.startsWith(deleteFrom)) takeOut(merged, name.slice(deleteFrom.length), value);
    if (name.startsWith(setOrder)) reorder(type, merged, name.slice(setOrder.length), value);
  }
  return merged;
}

/** The key that items are told apart by: unlike in server-side apply it is one field alone. */
function mergeKey(type: Type): string | null {
  return type.is === 'list' && type.merge === 'map' ? (type.keys[0] ?? null) : null;
}

function mergeList(type: Type, target: unknown, patch: readonly unknown[]): unknown[] {
  const items = Array.isArray(target) ? target : [];
  if (patch.some((item) => isMap(item) && item.$patch === 'replace' && Object.keys(item).length === 1)) {
    return patch.filter((item) => !(isMap(item) && item.$patch === 'replace'));
  }
  const key = mergeKey(type);
  if (key !== null) return mergeItems(type as ListType, key, items, patch);
  if (type.is === 'list' && type.merge === 'set') {
    const known = new Set(items.map(canonicalJson));
    return [...items, ...patch.filter((item) => !known.has(canonicalJson(item)))];
  }
  return [...patch];
}

function mergeItems(type: ListType, key: string, items: readonly unknown[], patch: readonly unknown[]): unknown[] {
  let merged = [...items];
  for (const item of patch) {
    if (!isMap(item)) throw badRequest('unable to merge a list of maps with what is no map');
    const value = item[key];
    if (value === undefined)
      throw badRequest(`map: ${canonicalJson(item)} does not contain declared merge key: ${key}`);
    const at = merged.findIndex((candidate) => isMap(candidate) && candidate[key] === value);
    if (item.$patch === 'delete') merged = merged.filter((_, index) => index !== at);
    else if (at < 0) merged.push(mergeMap(type.items, {}, item));
    else merged[at] = mergeMap(type.items, merged[at] as JsonMap, item);
  }
  return merged;
}

function takeOut(merged: JsonMap, name: string, values: readonly unknown[]): void {
  const gone = new Set(values.map(canonicalJson));
  const list = merged[name];
  if (Array.isArray(list)) merged[name] = list.filter((item) => !gone.has(canonicalJson(item)));
}

/** Puts the named items into the order asked for; the others keep their distance from the item before them. */
function reorder(type: Type, merged: JsonMap, name: string, order: readonly unknown[]): void {
  const list = merged[name];
  if (!Array.isArray(list) || type.is !== 'map') return;
  const key = mergeKey(memberType(type, name) ?? { is: 'any' });
  const nameOf = (item: unknown) => canonicalJson(key !== null && isMap(item) ? item[key] : item);
  const rank = new Map(order.map((item, index) => [nameOf(item), index]));
  const sorted = list.filter((item) => rank.has(nameOf(item)));
  sorted.sort((a, b) => (rank.get(nameOf(a)) ?? 0) - (rank.get(nameOf(b)) ?? 0));
  merged[name] = list.map((item) => (rank.has(nameOf(item)) ? sorted.shift() : item));
}

function withoutNulls(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== null));
}
