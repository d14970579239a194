import type { Wanted } from './desired.ts';
import { type FieldOwners, fieldOwners, listKeysOf, ownersOfField, ownersOfItem } from './field-owners.ts';
import { listKeys } from './list-keys.ts';
import type { KubeObject } from './object.ts';
import { fromPointer, setAt, valueAt, without } from './pointer.ts';

/**
 * The object to apply where it exists already: its ignored fields left to others (D4). One that Fairway still owns,
 * because it wrote it at creation and nobody has taken it since, is sent as it stands, for leaving it out of an apply
 * would delete it.
 */
export function leavingIgnored(wanted: Wanted, live: KubeObject): KubeObject {
  if (wanted.ignored.length === 0) return wanted.object;
  const object = without(wanted.object, wanted.ignored);
  const owners = fieldOwners(live.metadata.managedFields);
  const copy = structuredClone(object);
  for (const pointer of wanted.ignored) {
    const path = fromPointer(pointer);
    const owned = ownedValue(wanted, live, owners, path);
    if (owned !== undefined) makeAt(copy, path, owned);
  }
  return copy;
}

/** The part of the live value at a path of the wanted object that Fairway owns. */
function ownedValue(wanted: Wanted, live: KubeObject, owners: FieldOwners, path: readonly string[]): unknown {
  let node: FieldOwners | undefined = owners;
  let value: unknown = live;
  let model: unknown = wanted.object;
  const walked: string[] = [];
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    const next = (model as Record<string, unknown> | undefined)?.[segment];
    if (Array.isArray(value)) {
      const keys: readonly string[] | 'set' | null =
        listKeysOf(node) ?? listKeys(wanted.ref.group, wanted.ref.kind, walked);
      const item: unknown = keys === null || keys === 'set' ? value[Number(segment)] : itemLike(value, next, keys);
      node = ownersOfItem(node, item) ?? (keys === null ? node : undefined);
      value = item;
    } else {
      node = ownersOfField(node, segment);
      value = (value as Record<string, unknown>)[segment];
    }
    model = next;
    walked.push(segment);
  }
  return ownedPart(value, node);
}

function itemLike(list: readonly unknown[], item: unknown, keys: readonly string[]): unknown {
  const wanted = item as Record<string, unknown> | undefined;
  return list.find((candidate) =>
    keys.every((key) => wanted?.[key] === undefined || wanted[key] === (candidate as Record<string, unknown>)[key]),
  );
}

function ownedPart(value: unknown, node: FieldOwners | undefined): unknown {
  if (value === undefined || node === undefined || !node.managers.some(({ ours }) => ours)) return undefined;
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap || node.children.size === 0) return value;
  const part: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const owned = ownedPart(member, ownersOfField(node, name));
    if (owned !== undefined) part[name] = owned;
  }
  return part;
}

/** Sets a field, with the maps on its way that taking others out has emptied and removed. */
function makeAt(object: KubeObject, path: readonly string[], value: unknown): void {
  for (let depth = 1; depth < path.length; depth++) {
    const ancestor = path.slice(0, depth);
    if (valueAt(object, ancestor) === undefined && !setAt(object, ancestor, {})) return;
  }
  setAt(object, path, value);
}
