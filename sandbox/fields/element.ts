import { isMap, type ListType, memberType, type Type, typeOf } from '../schema/type.ts';

/** A member of a value: its key in field sets, its value, its type. */
export interface Member {
  readonly key: string;
  readonly value: unknown;
  readonly type: Type;
}

/**
 * The key of a list's item: by its keys, or by its value. Keys that it leaves out take their defaults.
 * Null for an item that has none, which validation refuses.
 */
export function itemKey(list: ListType, item: unknown): string | null {
  if (list.merge === 'set') return `v:${JSON.stringify(item)}`;
  if (!isMap(item)) return null;
  const keys: Record<string, unknown> = {};
  for (const name of [...list.keys].sort()) {
    const value = item[name] ?? (list.items.is === 'map' ? list.items.fields.get(name)?.keyDefault : undefined);
    if (value !== undefined) keys[name] = value;
  }
  return Object.keys(keys).length === 0 ? null : `k:${JSON.stringify(keys)}`;
}

/** The items of a list that is merged, by key; of two with one key the first. */
export function itemsByKey(list: ListType, items: readonly unknown[]): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const item of items) {
    const key = itemKey(list, item);
    if (key !== null && !found.has(key)) found.set(key, item);
  }
  return found;
}

/** True where the value is replaced whole: nothing beneath it is owned on its own. */
export function isWhole(declared: Type, value: unknown): boolean {
  const type = typeOf(declared, value);
  if (type.is === 'map') return type.atomic || !isMap(value);
  if (type.is === 'list') return type.merge === 'atomic' || !Array.isArray(value);
  return true;
}

/** The members of a map or of a merged list; none of a value that is replaced whole. */
export function membersOf(declared: Type, value: unknown): Member[] {
  if (isWhole(declared, value)) return [];
  const type = typeOf(declared, value);
  if (type.is === 'map' && isMap(value)) {
    return Object.entries(value).map(([name, inner]) => ({
      key: `f:${name}`,
      value: inner,
      type: memberType(type, name) ?? { is: 'any' },
    }));
  }
  if (type.is === 'list' && Array.isArray(value)) {
    return [...itemsByKey(type, value)].map(([key, inner]) => ({ key, value: inner, type: type.items }));
  }
  return [];
}
