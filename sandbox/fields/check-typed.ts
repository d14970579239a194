import { isMap, type ListType, memberType, type Scalar, type Type, typeOf } from '../schema/type.ts';
import { itemKey } from './element.ts';
import { pathText } from './field-set.ts';

/** Why an applied value does not fit its type, in the server's words: `.spec.foo: field not declared in schema`. */
export function typedErrors(declared: Type, value: unknown, path: readonly string[] = []): string[] {
  if (value === null || value === undefined) return [];
  const type = typeOf(declared, value);
  const wrong = (expected: string) => [`${pathText(path)}: expected ${expected}, got ${shown(value)}`];
  switch (type.is) {
    case 'scalar':
      return fits(type, value) ? [] : wrong(expected[type.scalar]);
    case 'map': {
      if (!isMap(value)) return wrong('map');
      return Object.entries(value).flatMap(([name, inner]) => {
        const member = memberType(type, name);
        const at = [...path, `f:${name}`];
        return member === undefined
          ? [`${pathText(at)}: field not declared in schema`]
          : typedErrors(member, inner, at);
      });
    }
    case 'list':
      return Array.isArray(value) ? itemErrors(type, value, path) : wrong('list');
    case 'any':
      return [];
  }
}

function itemErrors(type: ListType, items: readonly unknown[], path: readonly string[]): string[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    if (type.merge === 'atomic') return typedErrors(type.items, item, [...path, `v:${index}`]);
    const key = itemKey(type, item);
    if (key === null || !keysComplete(type, key)) {
      const missing = type.keys.find((name) => !isMap(item) || item[name] === undefined) ?? '';
      return [
        `${pathText(path)}: element ${index}: associative list with keys has an element that omits key field "${missing}" (and doesn't have default value)`,
      ];
    }
    if (seen.has(key)) return [`${pathText(path)}: duplicate entries for key ${pathText([key])}`];
    seen.add(key);
    return typedErrors(type.items, item, [...path, key]);
  });
}

function keysComplete(type: ListType, key: string): boolean {
  return type.merge === 'set' || Object.keys(JSON.parse(key.slice(2)) as object).length === type.keys.length;
}

const expected: Readonly<Record<Scalar['scalar'], string>> = {
  string: 'string',
  number: 'numeric (int or float)',
  boolean: 'boolean',
  untyped: 'scalar',
  quantity: 'scalar',
};

function fits({ scalar }: Scalar, value: unknown): boolean {
  if (scalar === 'untyped' || scalar === 'quantity') return typeof value !== 'object';
  return typeof value === scalar;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  return `&value.valueUnstructured{Value:${typeof value === 'object' ? goShown(value) : String(value)}}`;
}

function goShown(value: unknown): string {
  return Array.isArray(value) ? '[]interface {}{…}' : 'map[string]interface {}{…}';
}
