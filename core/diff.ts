import { canonicalJson, digestOf } from './canonical.ts';
import { type FieldOwners, fieldOwners, listKeysOf, managerOf, ownersOfField, ownersOfItem } from './field-owners.ts';
import { equalScalars, isEmpty, isMap, sameItem } from './field-values.ts';
import { listKeys } from './list-keys.ts';
import { shown } from './mask.ts';
import { groupOf, type KubeObject } from './object.ts';
import { isWithin, toPointer } from './pointer.ts';

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
  readonly ignored: readonly string[];
  readonly sealed: readonly string[];
  readonly found: Difference[];
}

/**
 * The fields that `wanted` sets and `live` has otherwise (D2). Defaults, fields of others, extra items of keyed lists
 * and other spellings of the same quantity are none. What the server normalises in ways that only it knows does show
 * here: ask it before calling that a drift.
 * @param ignored JSON pointers that are left out, with all beneath them (D4).
 * @param sealed JSON pointers of fields whose values are not shown, for they came encrypted (A11)
 */
export function differences(
  wanted: KubeObject,
  live: KubeObject,
  ignored: readonly string[] = [],
  owners: FieldOwners = fieldOwners(live.metadata.managedFields),
  sealed: readonly string[] = [],
): readonly Difference[] {
  const walk: Walk = { group: groupOf(wanted.apiVersion), kind: wanted.kind, ignored, sealed, found: [] };
  for (const [name, value] of Object.entries(wanted)) {
    if (name === 'apiVersion' || name === 'kind' || name === 'status') continue;
    if (name === 'metadata') compareMetadata(walk, wanted, live, ownersOfField(owners, 'metadata'));
    else compare(walk, [name], value, live[name], ownersOfField(owners, name));
  }
  return walk.found;
}

function compareMetadata(walk: Walk, wanted: KubeObject, live: KubeObject, owners: FieldOwners | undefined): void {
  for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences'])
    if (wanted.metadata[name] !== undefined)
      compare(
        walk,
        ['metadata', name],
        wanted.metadata[name],
        live.metadata[name] ?? (name === 'labels' || name === 'annotations' ? {} : undefined),
        ownersOfField(owners, name),
      );
}

function compare(walk: Walk, path: readonly string[], wanted: unknown, live: unknown, owners?: FieldOwners): void {
  if (walk.ignored.length > 0) {
    const pointer = toPointer(path);
    if (walk.ignored.some((prefix) => isWithin(pointer, prefix))) return;
  }
  if (isEmpty(wanted) && (live === undefined || isEmpty(live))) return;
  if (isMap(wanted) && isMap(live)) {
    for (const [name, value] of Object.entries(wanted))
      compare(walk, [...path, name], value, live[name], ownersOfField(owners, name));
  } else if (Array.isArray(wanted) && Array.isArray(live)) {
    compareLists(walk, path, wanted, live, owners);
  } else if (!equalScalars(path, wanted, live)) {
    add(walk, path, wanted, live, owners);
  }
}

function compareLists(
  walk: Walk,
  path: readonly string[],
  wanted: readonly unknown[],
  live: readonly unknown[],
  owners?: FieldOwners,
): void {
  const keys = listKeysOf(owners) ?? listKeys(walk.group, walk.kind, path);
  if (keys === null) {
    compareWhole(walk, path, wanted, live, owners);
  } else if (keys === 'set') {
    const members = new Set(live.map(canonicalJson));
    for (const [index, item] of wanted.entries())
      if (!members.has(canonicalJson(item))) add(walk, [...path, String(index)], item, undefined, undefined);
  } else {
    const left = [...live];
    for (const [index, item] of wanted.entries()) {
      const at = left.findIndex((candidate) => sameItem(keys, item, candidate));
      const match = at < 0 ? undefined : left.splice(at, 1)[0];
      compare(walk, [...path, String(index)], item, match, ownersOfItem(owners, match));
    }
  }
}

/** A list that is replaced whole: its length counts, and in each item the fields that are wanted. */
function compareWhole(
  walk: Walk,
  path: readonly string[],
  wanted: readonly unknown[],
  live: readonly unknown[],
  owners?: FieldOwners,
): void {
  const inner: Walk = { ...walk, found: [] };
  if (wanted.length === live.length)
    for (const [index, item] of wanted.entries()) compare(inner, [...path, String(index)], item, live[index], owners);
  if (wanted.length !== live.length || inner.found.length > 0) {
    // One item that differs is named by itself; else the list is.
    if (wanted.length === live.length && inner.found.length === 1) walk.found.push(...inner.found);
    else add(walk, path, wanted, live, owners);
  }
}

function add(walk: Walk, path: readonly string[], wanted: unknown, live: unknown, owners: FieldOwners | undefined) {
  walk.found.push({
    pointer: toPointer(path),
    wanted: shown(walk, path, wanted),
    found: shown(walk, path, live),
    fingerprint: live === undefined ? 'absent' : digestOf(canonicalJson(live)).slice(7, 23),
    manager: live === undefined ? 'unknown' : managerOf(owners),
  });
}
