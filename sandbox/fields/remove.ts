import { isMap, memberType, type Type, typeOf } from '../schema/type.ts';
import { isWhole, itemKey } from './element.ts';
import type { FieldSet } from './field-set.ts';

/** A value without the fields of a set. Undefined where nothing is left of it. */
export function removeFields(declared: Type, value: unknown, set: FieldSet): unknown {
  if (set.children.size === 0 || isWhole(declared, value)) return value;
  const type = typeOf(declared, value);
  if (type.is === 'map' && isMap(value)) {
    const left: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) {
      const child = set.children.get(`f:${name}`);
      if (child?.member === true) continue;
      const rest = child === undefined ? inner : removeFields(memberType(type, name) ?? { is: 'any' }, inner, child);
      if (rest !== undefined) left[name] = rest;
    }
    return Object.keys(left).length === 0 ? undefined : left;
  }
  if (type.is === 'list' && Array.isArray(value)) {
    const left: unknown[] = [];
    for (const item of value) {
      const key = itemKey(type, item);
      const child = key === null ? undefined : set.children.get(key);
      if (child?.member === true) continue;
      const rest = child === undefined ? item : removeFields(type.items, item, child);
      if (rest !== undefined) left.push(rest);
    }
    return left.length === 0 ? undefined : left;
  }
  return value;
}
