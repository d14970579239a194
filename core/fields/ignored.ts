import type { Wanted } from '../apply/desired.ts';
import { type KubeObject, ownerLabel } from '../objects/object.ts';
import { listKeysOf } from './list-keys.ts';
import { type FieldOwners, fieldOwners, ownersOfField, ownersOfItem } from './owners.ts';
import { below, type FieldPattern, isCovered } from './pattern.ts';
import { isEmpty, isMap, sameItem } from './values.ts';

/** Where the walk is: the same place in the wanted object, in the live one, and among the live one's owners. */
interface Place {
  readonly path: readonly string[];
  readonly wanted: unknown;
  readonly live: unknown;
  readonly owners: FieldOwners | undefined;
  readonly ignored: readonly FieldPattern[];
  /** Below a list that is replaced whole, and so has one owner: what is left out of an apply there is gone. */
  readonly isWhole: boolean;
}

/**
 * The object to apply where it exists already: its ignored fields left to others (D4). One that Fairway still owns,
 * because it wrote it at creation and nobody has taken it since, is sent as it stands, for leaving it out of an apply
 * would delete it. Maps and lists that nothing is left of are not sent, so that nobody owns a husk.
 */
export function leavingIgnored({ object, ref, ignored }: Wanted, live: KubeObject): KubeObject {
  if (ignored.length === 0) return object;
  const owners = fieldOwners(live.metadata.managedFields);
  const compose = composer(ref);
  const { apiVersion, kind, metadata } = object;
  const composed = compose({ path: [], wanted: object, live, owners, ignored, isWhole: false });
  const { metadata: settable = {}, ...fields } = isMap(composed) ? composed : {};
  const { name, namespace } = metadata;
  const labels = { ...(settable as KubeObject['metadata']).labels, [ownerLabel]: metadata.labels?.[ownerLabel] ?? '' };
  return {
    ...fields,
    apiVersion,
    kind,
    metadata: { ...(settable as object), labels, name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

type Compose = (place: Place) => unknown;

function composer(kind: { readonly group: string; readonly kind: string }): Compose {
  const compose: Compose = (place) => {
    const { wanted, live, owners, ignored } = place;
    if (isCovered(ignored)) return place.isWhole ? live : ownedPart(live, owners);
    if (ignored.length === 0) return wanted;
    if (isMap(wanted) || (wanted === undefined && isMap(live))) return composeMap(compose, place);
    if (!Array.isArray(wanted ?? live)) return wanted;
    const items = Array.isArray(live) ? live : [];
    const keys = listKeysOf(owners, items, kind, place.path);
    if (keys !== null) return composeKeyed(compose, place, keys, Array.isArray(wanted) ? wanted : [], items);
    return Array.isArray(wanted) ? composeWhole(compose, place, wanted, items) : undefined;
  };
  return compose;
}

function composeMap(compose: Compose, place: Place): unknown {
  const wanted = isMap(place.wanted) ? place.wanted : {};
  const live = isMap(place.live) ? place.live : {};
  const result = new Map<string, unknown>();
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(live)])) {
    const value = wanted[name] ?? live[name];
    const member = compose({
      ...{ path: [...place.path, name], wanted: wanted[name], live: live[name], isWhole: place.isWhole },
      ...{ owners: ownersOfField(place.owners, name), ignored: below(place.ignored, name, value) },
    });
    if (member !== undefined) result.set(name, member);
  }
  return result.size === 0 && !isEmpty(place.wanted) ? undefined : Object.fromEntries(result);
}

/** A list of items with keys, or a set: what is wanted and not left to others, and of the rest what Fairway owns. */
function composeKeyed(
  compose: Compose,
  place: Place,
  keys: readonly string[] | 'set',
  wanted: readonly unknown[],
  live: readonly unknown[],
): unknown {
  const left = new Set(live);
  const isSame = (one: unknown, other: unknown) => (keys === 'set' ? one === other : sameItem(keys, one, other));
  const at = (index: string, own: unknown, other: unknown): Place => ({
    ...{ path: [...place.path, index], wanted: own, live: other, isWhole: place.isWhole },
    ...{ owners: ownersOfItem(place.owners, other), ignored: below(place.ignored, index, own ?? other) },
  });
  const mine = wanted.map((own, index) => {
    const other = [...left].find((candidate) => isSame(own, candidate));
    left.delete(other);
    return compose(at(String(index), own, other));
  });
  const theirs = [...left].map((other) => {
    const there = at('', undefined, other);
    return isCovered(there.ignored) ? compose(there) : undefined;
  });
  const result = [...mine, ...theirs].filter((value) => value !== undefined);
  return result.length === 0 && !isEmpty(place.wanted) ? undefined : result;
}

/** A list that is replaced whole: the live items that are left to others keep their places among the wanted ones. */
function composeWhole(compose: Compose, place: Place, wanted: readonly unknown[], live: readonly unknown[]): unknown {
  const covers = (value: unknown, index: number) => isCovered(below(place.ignored, String(index), value));
  const mine = [...wanted.entries()].filter(([index, own]) => !covers(own, index));
  const others = live.filter((value, index) => !covers(value, index));
  let next = 0;
  const take = (): unknown[] => {
    const [index, own] = mine[next] ?? [null, undefined];
    if (index === null) return [];
    const path = [...place.path, String(index)];
    const ignored = below(place.ignored, String(index), own);
    const there = { path, wanted: own, live: others[next], owners: place.owners, ignored, isWhole: true };
    next += 1;
    return [compose(there)];
  };
  const result = live.flatMap((value, index) => (covers(value, index) ? [value] : take()));
  while (next < mine.length) result.push(...take());
  return result;
}

/** Of a live value, what Fairway owns. */
function ownedPart(value: unknown, owners: FieldOwners | undefined): unknown {
  if (value === undefined || owners === undefined || !owners.managers.some(({ ours }) => ours)) return undefined;
  if (owners.children.size === 0) return value;
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => ownedPart(item, ownersOfItem(owners, item)) ?? []);
    return items.length === 0 ? undefined : items;
  }
  if (!isMap(value)) return value;
  const part = Object.entries(value).flatMap(([name, member]) => {
    const owned = ownedPart(member, ownersOfField(owners, name));
    return owned === undefined ? [] : [[name, owned] as const];
  });
  return Object.fromEntries(part);
}
