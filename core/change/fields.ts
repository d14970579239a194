import { canonicalJson } from '../canonical.ts';
import { listKeys } from '../fields/list-keys.ts';
import { isWithin, toPointer } from '../fields/pointer.ts';
import { equalScalars, isEmpty, isMap, sameItem } from '../fields/values.ts';

/** One field that two bundles set differently, with its values as they are: not yet fit to be shown. */
export interface FieldValues {
  /** As the API server writes it. */
  readonly field: string;
  /** Its segments; list positions are those of the newer object, where it has the item. */
  readonly path: readonly string[];
  /** Undefined: absent. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Which object is walked, and what is left to others in it. */
export interface WalkedKind {
  readonly group: string;
  readonly kind: string;
  /** JSON pointers that are left out, with all beneath them (D4). */
  readonly ignored: readonly string[];
}

interface Walk extends WalkedKind {
  readonly found: FieldValues[];
}

interface Place {
  readonly field: string;
  readonly path: readonly string[];
}

/**
 * What differs between two values of an object's field, down to the smallest field that can be named. Items of lists
 * that the API server merges by key are told apart by their keys, so that the same change has the same name wherever
 * in its list the item stands; the order of such a list is a difference of the list itself.
 */
export function fieldDifferences(kind: WalkedKind, name: string, before: unknown, after: unknown): FieldValues[] {
  const walk: Walk = { ...kind, found: [] };
  compare(walk, child({ field: '', path: [] }, name), before, after);
  return walk.found;
}

function compare(walk: Walk, place: Place, before: unknown, after: unknown): void {
  if (isNothing(before) && isNothing(after)) return;
  if (walk.ignored.length > 0) {
    const pointer = toPointer(place.path);
    if (walk.ignored.some((prefix) => isWithin(pointer, prefix))) return;
  }
  if (isMap(before) && isMap(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(walk, child(place, name), before[name], after[name]);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(walk, place, before, after);
  } else if (!equalScalars(place.path, after, before)) {
    walk.found.push({ ...place, before, after });
  }
}

function compareLists(walk: Walk, place: Place, before: readonly unknown[], after: readonly unknown[]): void {
  const keys = listKeys(walk.group, walk.kind, place.path);
  if (keys === null) compareWhole(walk, place, before, after);
  else if (keys === 'set') compareSets(walk, place, before, after);
  else compareKeyed(walk, place, keys, before, after);
}

/** A list that is replaced whole: its items are named by their position only where nothing came or went. */
function compareWhole(walk: Walk, place: Place, before: readonly unknown[], after: readonly unknown[]): void {
  const inner: Walk = { ...walk, found: [] };
  const paired = before.length === after.length;
  if (paired) for (const [index, item] of after.entries()) compare(inner, at(place, index), before[index], item);
  if (paired && inner.found.length === 0) return;
  if (paired && (inner.found.length === 1 || after.some(isMap))) walk.found.push(...inner.found);
  else walk.found.push({ ...place, before, after });
}

function compareSets(walk: Walk, place: Place, before: readonly unknown[], after: readonly unknown[]): void {
  const missing = (items: readonly unknown[], others: readonly unknown[]) => {
    const members = new Set(others.map(canonicalJson));
    return items.filter((item) => !members.has(canonicalJson(item)));
  };
  const member = (item: unknown) => ({ field: `${place.field}[=${JSON.stringify(item)}]`, path: place.path });
  for (const item of missing(before, after)) walk.found.push({ ...member(item), before: item, after: undefined });
  for (const item of missing(after, before)) walk.found.push({ ...member(item), before: undefined, after: item });
}

function compareKeyed(
  walk: Walk,
  place: Place,
  keys: readonly string[],
  before: readonly unknown[],
  after: readonly unknown[],
): void {
  const left = [...before.entries()];
  const matched: number[] = [];
  for (const [index, item] of after.entries()) {
    const found = left.findIndex(([, candidate]) => sameItem(keys, item, candidate));
    const [position, match] = (found < 0 ? undefined : left.splice(found, 1)[0]) ?? [null, undefined];
    if (position !== null) matched.push(position);
    compare(walk, keyed(place, index, keys, item), match, item);
  }
  for (const [index, item] of left) compare(walk, keyed(place, index, keys, item), item, undefined);
  if (matched.some((position, index) => position < (matched[index - 1] ?? 0)))
    walk.found.push({
      ...place,
      before: before.map((item) => keysOf(keys, item)),
      after: after.map((item) => keysOf(keys, item)),
    });
}

function child({ field, path }: Place, name: string): Place {
  const plain = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name);
  const text = plain ? `${field === '' ? '' : '.'}${name}` : `[${name}]`;
  return { field: field + text, path: [...path, name] };
}

function at({ field, path }: Place, index: number): Place {
  return { field: `${field}[${index}]`, path: [...path, String(index)] };
}

function keyed({ field, path }: Place, index: number, keys: readonly string[], item: unknown): Place {
  const own = Object.entries(keysOf(keys, item) as Record<string, unknown>);
  const text = own.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',');
  return { field: `${field}[${text === '' ? index : text}]`, path: [...path, String(index)] };
}

/** The members of an item that tell it from the others. */
function keysOf(keys: readonly string[], item: unknown): unknown {
  if (!isMap(item)) return {};
  return Object.fromEntries(keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
}

function isNothing(value: unknown): boolean {
  return value === undefined || isEmpty(value);
}
