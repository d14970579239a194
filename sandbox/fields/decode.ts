import { isMap, memberType, type Type } from '../schema/type.ts';
import { canonicalQuantity } from './quantity.ts';

/** A value as the server stores it, and what it would not take. */
export interface Decoded {
  readonly value: unknown;
  /** Fields that its type does not have, dropped: `spec.foo`. */
  readonly unknown: readonly string[];
  /** Fields of another type, as the server's decoder names them. */
  readonly mistyped: readonly Mistyped[];
}

interface Mistyped {
  readonly path: string;
  readonly got: string;
  readonly wanted: string;
}

interface Walk {
  readonly unknown: string[];
  readonly mistyped: Mistyped[];
}

/**
 * Brings a value into the form that the server keeps: nulls, empty maps and empty lists dropped, unknown fields
 * dropped and told, quantities in their canonical form.
 */
export function decode(type: Type, value: unknown): Decoded {
  const walk: Walk = { unknown: [], mistyped: [] };
  return { value: decodeAt(type, value, '', walk), ...walk };
}

function decodeAt(type: Type, value: unknown, path: string, walk: Walk): unknown {
  const wrong = (wanted: string) => {
    walk.mistyped.push({ path, got: Array.isArray(value) ? 'array' : goType(value), wanted });
    return undefined;
  };
  switch (type.is) {
    case 'any':
      return structuredClone(value);
    case 'scalar':
      if (type.scalar === 'quantity') return typeof value === 'object' ? wrong('quantity') : canonicalQuantity(value);
      if (type.scalar !== 'untyped' && typeof value !== type.scalar) return wrong(goNames[type.scalar]);
      return value;
    case 'list': {
      if (!Array.isArray(value)) return wrong('[]');
      return value.map((item, index) => decodeAt(type.items, item, `${path}[${index}]`, walk));
    }
    case 'map': {
      if (!isMap(value)) return wrong('map');
      const kept: Record<string, unknown> = {};
      for (const [name, inner] of Object.entries(value)) {
        const at = path === '' ? name : `${path}.${name}`;
        const member = memberType(type, name);
        if (member === undefined) {
          walk.unknown.push(at);
          continue;
        }
        if (inner === null) continue;
        const decoded = decodeAt(member, inner, at, walk);
        if (decoded !== undefined && !isHusk(member, decoded)) kept[name] = decoded;
      }
      return kept;
    }
  }
}

/** An empty list, or an empty map of no fixed fields. An empty struct says something: `emptyDir: {}`. */
function isHusk(type: Type, value: unknown): boolean {
  if (type.is === 'list') return Array.isArray(value) && value.length === 0;
  return type.is === 'map' && type.fields.size === 0 && isMap(value) && Object.keys(value).length === 0;
}

const goNames = { string: 'string', number: 'int32', boolean: 'bool', untyped: 'string', quantity: 'string' } as const;

function goType(value: unknown): string {
  return isMap(value) ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value;
}
