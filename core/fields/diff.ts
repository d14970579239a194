import { canonicalJson, digestOf } from '../canonical.ts';
import { groupOf, type KubeObject, ownerLabel } from '../objects/object.ts';
import { listKeysOf } from './list-keys.ts';
import { shown } from './mask.ts';
import { type FieldOwners, fieldOwners, managerOf, ownersOfField, ownersOfItem } from './owners.ts';
import { below, type FieldPattern, isCovered } from './pattern.ts';
import { toPointer } from './pointer.ts';
import { equalScalars, isEmpty, isMap, sameItem } from './values.ts';

/** One field that the wanted object sets and the live one has otherwise. */
export interface Difference {
  /** JSON pointer into the wanted object. */
  readonly pointer: string;
  /** JSON texts fit to be shown; null: absent (A11). */
  readonly wanted: string | null;
  readonly found: string | null;
  /** Digest of what was found, so that it can be told from another value without being kept. */
  readonly fingerprint: string;
  /** Who set what was found, or `unknown` (D3). */
  readonly manager: string;
}

interface Walk {
  readonly group: string;
  readonly kind: string;
  readonly sealed: readonly string[];
  readonly found: Difference[];
}

/** Where a walk is: the segments so far, who owns what is there, and what is left to others below it. */
interface Place {
  readonly path: readonly string[];
  readonly owners: FieldOwners | undefined;
  /** The owners of the list or map above that is owned whole, where there is one. */
  readonly whole: FieldOwners | undefined;
  readonly ignored: readonly FieldPattern[];
}

/** How two objects are compared. */
export interface ComparisonOptions {
  /** Fields that are left out, with all beneath them (D4). The owner's label never is. */
  readonly ignored?: readonly FieldPattern[];
  /** JSON pointers of fields whose values are not shown, for they came encrypted (A11). */
  readonly sealed?: readonly string[];
  /** Of the live object. @default as its managed fields say */
  readonly owners?: FieldOwners;
}

/** Metadata that an applier may set. */
const settable = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/**
 * The fields that `wanted` sets and `live` has otherwise (D2). Defaults, fields of others, extra items of keyed lists
 * and other spellings of the same quantity are none. What the server normalises in ways that only it knows does show
 * here: ask it before calling that a drift.
 */
export function differences(
  wanted: KubeObject,
  live: KubeObject,
  { ignored = [], sealed = [], owners = fieldOwners(live.metadata.managedFields) }: ComparisonOptions = {},
): readonly Difference[] {
  const walk: Walk = { group: groupOf(wanted.apiVersion), kind: wanted.kind, sealed, found: [] };
  const root: Place = { path: [], owners, whole: undefined, ignored };
  for (const [name, value] of Object.entries(wanted)) {
    if (name === 'apiVersion' || name === 'kind' || name === 'status') continue;
    if (name !== 'metadata') compare(walk, member(root, name, value), value, live[name]);
    else compareMetadata(walk, member(root, name, value), wanted.metadata, live.metadata);
  }
  return walk.found;
}

function compareMetadata(
  walk: Walk,
  place: Place,
  wanted: Readonly<Record<string, unknown>>,
  live: Readonly<Record<string, unknown>>,
): void {
  for (const name of settable) {
    if (wanted[name] === undefined) continue;
    const found = live[name] ?? (name === 'labels' || name === 'annotations' ? {} : undefined);
    const there = member(place, name, wanted[name]);
    if (name === 'labels' && isMap(wanted.labels) && isMap(found)) {
      const { [ownerLabel]: owner, ...labels } = wanted.labels;
      if (!isCovered(place.ignored)) compare(walk, there, labels, found);
      const label = { ...member(there, ownerLabel, owner), ignored: [] };
      if (owner !== undefined) compare(walk, label, owner, found[ownerLabel]);
    } else if (!isCovered(place.ignored)) compare(walk, there, wanted[name], found);
  }
}

function compare(walk: Walk, place: Place, wanted: unknown, live: unknown): void {
  if (isCovered(place.ignored)) return;
  if (isEmpty(wanted) && (live === undefined || isEmpty(live))) return;
  if (isMap(wanted) && isMap(live)) {
    for (const [name, value] of Object.entries(wanted)) compare(walk, member(place, name, value), value, live[name]);
  } else if (Array.isArray(wanted) && Array.isArray(live)) {
    compareLists(walk, place, wanted, live);
  } else if (!equalScalars(place.path, wanted, live)) {
    add(walk, place, wanted, live);
  }
}

function compareLists(walk: Walk, place: Place, wanted: readonly unknown[], live: readonly unknown[]): void {
  const keys = listKeysOf(place.owners, live, walk, place.path);
  if (keys === null) {
    compareWhole(walk, place, wanted, live);
  } else if (keys === 'set') {
    const members = new Set(live.map(canonicalJson));
    for (const [index, value] of wanted.entries()) {
      const there = item(place, index, value, undefined);
      if (!isCovered(there.ignored) && !members.has(canonicalJson(value))) add(walk, there, value, undefined);
    }
  } else {
    const left = [...live];
    for (const [index, value] of wanted.entries()) {
      const found = left.findIndex((candidate) => sameItem(keys, value, candidate));
      const match = found < 0 ? undefined : left.splice(found, 1)[0];
      compare(walk, item(place, index, value, ownersOfItem(place.owners, match)), value, match);
    }
  }
}

/** A list that is replaced whole: its length counts, and in each item the fields that are wanted. */
function compareWhole(walk: Walk, place: Place, wanted: readonly unknown[], live: readonly unknown[]): void {
  const [mine, theirs] = [uncovered(place, wanted), uncovered(place, live)];
  const inner: Walk = { ...walk, found: [] };
  const paired = mine.length === theirs.length;
  if (paired)
    for (const [position, [index, value]] of mine.entries())
      compare(inner, item(place, index, value, undefined), value, theirs[position]?.[1]);
  if (paired && inner.found.length === 0) return;
  // One item that differs is named by itself; else the list is.
  if (paired && inner.found.length === 1) walk.found.push(...inner.found);
  else add(walk, place, wanted, live);
}

/** The items of a list that are not left to others, with their positions. */
function uncovered({ ignored }: Place, items: readonly unknown[]): readonly (readonly [number, unknown])[] {
  return [...items.entries()].filter(([index, value]) => !isCovered(below(ignored, String(index), value)));
}

function member(place: Place, name: string, value: unknown): Place {
  return at(place, name, value, ownersOfField(place.owners, name));
}

function item(place: Place, index: number, value: unknown, owners: FieldOwners | undefined): Place {
  return at(place, String(index), value, owners);
}

function at(above: Place, name: string, value: unknown, owners: FieldOwners | undefined): Place {
  const whole = above.owners?.children.size === 0 ? above.owners : above.whole;
  return { path: [...above.path, name], owners, whole, ignored: below(above.ignored, name, value) };
}

function add(walk: Walk, { path, owners, whole }: Place, wanted: unknown, live: unknown): void {
  walk.found.push({
    pointer: toPointer(path),
    wanted: shown(walk, path, wanted),
    found: shown(walk, path, live),
    fingerprint: live === undefined ? 'absent' : digestOf(canonicalJson(live)).slice(7, 23),
    manager: live === undefined ? 'unknown' : managerOf(owners ?? whole),
  });
}
