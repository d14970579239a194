import { isMap } from '../schema/type.ts';

/**
 * A set of fields of an object, as managers own them: a tree whose keys are those of `fieldsV1` (`f:NAME`, `k:{…}`,
 * `v:…`). Sets are never changed, only made anew.
 */
export interface FieldSet {
  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { member: false, children: new Map() };
export const leafSet: FieldSet = { member: true, children: new Map() };

export function isEmptySet(set: FieldSet): boolean {
  return !set.member && set.children.size === 0;
}

/** A set of these children; the empty ones are left out. */
export function setOf(member: boolean, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  return { member, children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [key, child] of b.children) {
    const mine = children.get(key);
    children.set(key, mine === undefined ? child : union(mine, child));
  }
  return { member: a.member || b.member, children };
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return setOf(
    a.member && b.member,
    [...a.children].map(([key, child]) => [key, intersection(child, b.children.get(key) ?? emptySet)]),
  );
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return setOf(
    a.member && !b.member,
    [...a.children].map(([key, child]) => {
      const theirs = b.children.get(key);
      return [key, theirs === undefined ? child : difference(child, theirs)];
    }),
  );
}

/** `a` without what `b` names and everything beneath that. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  if (b.member) return emptySet;
  return setOf(
    a.member,
    [...a.children].map(([key, child]) => {
      const theirs = b.children.get(key);
      return [key, theirs === undefined ? child : without(child, theirs)];
    }),
  );
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a.member !== b.member || a.children.size !== b.children.size) return false;
  return [...a.children].every(([key, child]) => {
    const theirs = b.children.get(key);
    return theirs !== undefined && equalSets(child, theirs);
  });
}

/** Every member of the set, as the keys that lead to it. */
export function* members(set: FieldSet, path: readonly string[] = []): Generator<readonly string[]> {
  if (set.member) yield path;
  for (const [key, child] of set.children) yield* members(child, [...path, key]);
}

/** The set as `fieldsV1` writes it, its keys in order. */
export function toFieldsV1(set: FieldSet): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (set.member && set.children.size > 0) fields['.'] = {};
  for (const key of [...set.children.keys()].sort()) fields[key] = toFieldsV1(set.children.get(key) ?? emptySet);
  return fields;
}

/** Reads `fieldsV1`; whatever is no map counts as empty. */
export function fromFieldsV1(fields: unknown, root = true): FieldSet {
  if (!isMap(fields)) return emptySet;
  const entries = Object.entries(fields).filter(([key]) => key !== '.');
  return {
    member: !root && (entries.length === 0 || '.' in fields),
    children: new Map(entries.map(([key, inner]) => [key, fromFieldsV1(inner, false)])),
  };
}

/** A path as the server words it in conflicts: `.spec.template.spec.containers[name="web"].image`. */
export function pathText(path: readonly string[]): string {
  return path
    .map((key) => {
      const rest = key.slice(2);
      if (key.startsWith('f:')) return `.${rest}`;
      if (key.startsWith('v:')) return `[=${rest}]`;
      const keys = Object.entries(JSON.parse(rest) as object);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
