import { fieldManager, type ManagedFields } from '../objects/object.ts';
import { below, type FieldPattern, isCovered } from './pattern.ts';
import { isMap } from './values.ts';

/**
 * Who set which field of a live object: every manager's `fieldsV1` merged into one tree, which also tells how the
 * server merges each list, for it names keyed items by their keys (`k:`) and members of sets by value (`v:`).
 */
export interface FieldOwners {
  readonly managers: readonly FieldManager[];
  readonly children: ReadonlyMap<string, FieldOwners>;
}

interface FieldManager {
  readonly name: string;
  /** True where the field was set by a server-side apply of Fairway. */
  readonly ours: boolean;
  /** `scale` and the like; empty where it set the object itself. */
  readonly subresource: string;
  /** When the manager last changed anything of the object; empty where it was not said. */
  readonly time: string;
}

interface Node {
  managers: FieldManager[];
  children: Map<string, Node>;
}

/** The tree of an object's `metadata.managedFields`. Entries of subresources count: they set fields too. */
export function fieldOwners(managedFields: readonly ManagedFields[] | undefined): FieldOwners {
  const root: Node = { managers: [], children: new Map() };
  for (const entry of managedFields ?? []) {
    const manager: FieldManager = {
      name: entry.manager ?? '',
      ours: entry.manager === fieldManager && entry.operation === 'Apply' && !entry.subresource,
      subresource: entry.subresource ?? '',
      time: entry.time ?? '',
    };
    merge(root, entry.fieldsV1 ?? {}, manager);
  }
  return root;
}

function merge(node: Node, fields: Record<string, unknown>, manager: FieldManager): void {
  node.managers.push(manager);
  for (const [key, inner] of Object.entries(fields)) {
    if (key === '.') continue;
    let child = node.children.get(key);
    if (child === undefined) {
      child = { managers: [], children: new Map() };
      node.children.set(key, child);
    }
    merge(child, (inner ?? {}) as Record<string, unknown>, manager);
  }
}

/** True where Fairway has applied the object at least once. */
export function isApplied(owners: FieldOwners): boolean {
  return owners.managers.some((manager) => manager.ours);
}

/** The node of a member of a map. Undefined for a map that is owned whole. */
export function ownersOfField(owners: FieldOwners | undefined, name: string): FieldOwners | undefined {
  return owners?.children.get(`f:${name}`);
}

/** The node of an item of a list: by its keys, or by its value. Undefined for a list that is owned whole. */
export function ownersOfItem(owners: FieldOwners | undefined, item: unknown): FieldOwners | undefined {
  for (const [key, child] of owners?.children ?? []) if (namesItem(key, item, false)) return child;
  return undefined;
}

/** The manager that set a field: the latest that is not Fairway, or `unknown` (D3). */
export function managerOf(owners: FieldOwners | undefined): string {
  let latest: FieldManager | undefined;
  for (const manager of owners?.managers ?? [])
    if (!manager.ours && (latest === undefined || manager.time >= latest.time)) latest = manager;
  return latest === undefined || latest.name === '' ? 'unknown' : latest.name;
}

/**
 * How the server merges a live list, as its owners show it: they name keyed items by their keys, members of a set by
 * their value, and a list that is replaced whole as one field. Undefined where they show nothing, or it is empty.
 */
export function listKeysShown(
  owners: FieldOwners | undefined,
  live: readonly unknown[],
): readonly string[] | 'set' | null | undefined {
  for (const key of owners?.children.keys() ?? []) {
    if (key.startsWith('k:')) return Object.keys(JSON.parse(key.slice(2)) as object);
    if (key.startsWith('v:')) return 'set';
  }
  return owners === undefined || live.length === 0 ? undefined : null;
}

/**
 * Paths of the fields that Fairway owns and the wanted object no longer sets: the next apply takes them away. In a
 * list the segment is the server's own name of the item (`k:{"name":"web"}`).
 * @param ignored fields that are left to others, and so are never taken away (D4)
 */
export function abandonedFields(
  owners: FieldOwners,
  wanted: unknown,
  ignored: readonly FieldPattern[] = [],
): string[][] {
  const abandoned: string[][] = [];
  const visit = (node: FieldOwners, value: unknown, path: readonly string[], patterns: readonly FieldPattern[]) => {
    for (const [key, child] of node.children) {
      if (!child.managers.some((manager) => manager.ours)) continue;
      const segment = key.startsWith('f:') ? key.slice(2) : key;
      const left = below(patterns, segment, namedItem(key));
      if (isCovered(left)) continue;
      const member = memberNamed(value, key);
      // Of a map that is gone a part may be left to others: that part stays. An item goes as a whole.
      const staysInPart = left.length > 0 && key.startsWith('f:') && child.children.size > 0;
      if (member !== undefined || staysInPart) visit(child, member, [...path, segment], left);
      else abandoned.push([...path, segment]);
    }
  };
  visit(owners, wanted, [], ignored);
  return abandoned;
}

function memberNamed(value: unknown, key: string): unknown {
  if (key.startsWith('f:')) return isMap(value) ? value[key.slice(2)] : undefined;
  return Array.isArray(value) ? value.find((candidate) => namesItem(key, candidate, true)) : undefined;
}

/** What the server's name of an item tells of it. */
function namedItem(key: string): unknown {
  return key.startsWith('f:') ? undefined : JSON.parse(key.slice(2));
}

/** @param lenient a key that the item leaves out (`protocol`) counts as met: the server has filled it in. */
function namesItem(key: string, item: unknown, lenient: boolean): boolean {
  if (key.startsWith('v:')) return JSON.stringify(item) === key.slice(2);
  if (!key.startsWith('k:') || typeof item !== 'object' || item === null) return false;
  const keys = JSON.parse(key.slice(2)) as Record<string, unknown>;
  return Object.entries(keys).every(([name, value]) => {
    const own = (item as Record<string, unknown>)[name];
    return own === undefined ? lenient : own === value;
  });
}
