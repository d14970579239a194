import { listKeys } from '../../core/fields/list-keys.ts';
import { groupOf, type KubeObject } from '../../core/objects/object.ts';

/** Field sets as server-side apply keeps them: a path is a list of `f:name`, `k:{keys}` and `v:value`. */
export type Path = readonly string[];

/** Lists that the server fills keys of in; what an item leaves out counts as this. */
const keyDefaults: Readonly<Record<string, unknown>> = { protocol: 'TCP' };

/** Every leaf that an object sets, but for what names it and what only the server writes. */
export function leavesOf(object: KubeObject): readonly Path[] {
  const leaves: Path[] = [];
  const { group, kind } = { group: groupOf(object.apiVersion), kind: object.kind };
  const visit = (value: unknown, path: Path, names: readonly string[]) => {
    if (Array.isArray(value) && value.length > 0) {
      const keys = listKeys(group, kind, names);
      if (keys === null) leaves.push(path);
      else for (const item of value) visitItem(item, keys, path, names);
    } else if (isMap(value) && Object.keys(value).length > 0) {
      for (const [name, member] of Object.entries(value)) visit(member, [...path, `f:${name}`], [...names, name]);
    } else {
      leaves.push(path);
    }
  };
  const visitItem = (item: unknown, keys: readonly string[] | 'set', path: Path, names: readonly string[]) => {
    if (keys === 'set') {
      leaves.push([...path, `v:${JSON.stringify(item)}`]);
      return;
    }
    const element = [...path, keyElement(item, keys)];
    leaves.push(element);
    visit(item, element, [...names, '0']);
  };
  for (const [name, value] of Object.entries(object)) {
    if (['apiVersion', 'kind', 'status'].includes(name)) continue;
    if (name !== 'metadata') visit(value, [`f:${name}`], [name]);
    else
      for (const field of ['labels', 'annotations', 'finalizers', 'ownerReferences'])
        if (object.metadata[field] !== undefined)
          visit(object.metadata[field], ['f:metadata', `f:${field}`], ['metadata', field]);
  }
  return leaves;
}

function keyElement(item: unknown, keys: readonly string[]): string {
  const values = keys
    .map((key) => [key, (item as Record<string, unknown>)[key] ?? keyDefaults[key]] as const)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `k:${JSON.stringify(Object.fromEntries(values))}`;
}

/** What stands at a path; undefined where nothing does. */
export function valueIn(value: unknown, path: Path): unknown {
  let current = value;
  for (const element of path) {
    if (element.startsWith('f:')) current = isMap(current) ? current[element.slice(2)] : undefined;
    else current = Array.isArray(current) ? current[indexOf(current, element)] : undefined;
  }
  return current;
}

/** Takes a leaf out, in place, with the maps that this empties. */
export function removeLeaf(value: unknown, path: Path): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (first.startsWith('f:')) {
    if (!isMap(value)) return;
    const name = first.slice(2);
    if (rest.length > 0) removeLeaf(value[name], rest);
    if (rest.length === 0 || isHusk(value[name])) delete value[name];
  } else if (Array.isArray(value)) {
    const index = indexOf(value, first);
    if (index < 0) return;
    if (rest.length > 0) removeLeaf(value[index], rest);
    else value.splice(index, 1);
  }
}

/** Merges an applied value into a live one as the server does: maps by member, keyed lists by item, else whole. */
export function merged(
  live: unknown,
  applied: unknown,
  group: string,
  kind: string,
  names: readonly string[],
): unknown {
  if (isMap(live) && isMap(applied)) {
    const result = { ...live };
    for (const [name, value] of Object.entries(applied))
      result[name] = merged(live[name], value, group, kind, [...names, name]);
    return result;
  }
  const keys = Array.isArray(live) && Array.isArray(applied) ? listKeys(group, kind, names) : null;
  if (keys === null || !Array.isArray(live) || !Array.isArray(applied)) return applied;
  if (keys === 'set') return [...new Set([...live, ...applied])];
  const result = [...live];
  for (const item of applied) {
    const index = indexOf(result, keyElement(item, keys));
    if (index < 0) result.push(item);
    else result[index] = merged(result[index], item, group, kind, [...names, '0']);
  }
  return result;
}

/** A set of paths as `fieldsV1`. */
export function fieldsV1(paths: Iterable<Path>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    let node = root;
    for (const element of path) {
      node[element] ??= {};
      node = node[element] as Record<string, unknown>;
    }
  }
  return root;
}

/** The paths of which `fieldsV1` made a set: every leaf, and every item of a keyed list. */
export function pathsIn(fields: Readonly<Record<string, unknown>>, path: Path = []): readonly Path[] {
  return Object.entries(fields).flatMap(([element, inner]) => {
    const own = [...path, element];
    const below = pathsIn(inner as Record<string, unknown>, own);
    return below.length === 0 || element.startsWith('k:') ? [own, ...below] : below;
  });
}

function indexOf(list: readonly unknown[], element: string): number {
  if (element.startsWith('v:')) return list.findIndex((item) => JSON.stringify(item) === element.slice(2));
  const keys = JSON.parse(element.slice(2)) as Record<string, unknown>;
  return list.findIndex((item) =>
    Object.entries(keys).every(
      ([key, value]) => ((item as Record<string, unknown>)[key] ?? keyDefaults[key]) === value,
    ),
  );
}

function isHusk(value: unknown): boolean {
  return (isMap(value) && Object.keys(value).length === 0) || (Array.isArray(value) && value.length === 0);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
