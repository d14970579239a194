/** The shape of a field as the API server knows it: what it may hold, and how two values of it are merged. */
export type Type = Scalar | ListType | MapType | AnyType;

export interface Scalar {
  readonly is: 'scalar';
  readonly scalar: 'string' | 'number' | 'boolean' | 'untyped' | 'quantity';
}

export interface ListType {
  readonly is: 'list';
  readonly items: Type;
  /** `atomic`: replaced whole; `set`: merged by value; `map`: merged by keys. */
  readonly merge: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
}

export interface MapType {
  readonly is: 'map';
  readonly fields: ReadonlyMap<string, Field>;
  /** The type of members that are no fields; null where there are none: an unknown member is an error. */
  readonly values: Type | null;
  readonly atomic: boolean;
}

/** A value of which nothing is known: maps are merged, lists replaced. */
export interface AnyType {
  readonly is: 'any';
}

export interface Field {
  readonly type: Type;
  /** Always there on a server, if only as `{}`: nobody is recorded as the one who added it. */
  readonly always: boolean;
  /** Stands in for a list key that an item leaves out. */
  readonly keyDefault?: string;
}

export const any: AnyType = { is: 'any' };

/** The type of a member of a map, or undefined where the map has no such member. */
export function memberType(type: MapType, name: string): Type | undefined {
  return type.fields.get(name)?.type ?? type.values ?? undefined;
}

export type JsonMap = Record<string, unknown>;

/** True for JSON objects, not for lists or null. */
export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type to treat a value as: where nothing is known, what the value itself shows. */
export function typeOf(type: Type, value: unknown): Type {
  if (type.is !== 'any') return type;
  if (isMap(value)) return anyMap;
  return Array.isArray(value) ? anyList : untyped;
}

export const untyped: Scalar = { is: 'scalar', scalar: 'untyped' };
const anyMap: MapType = { is: 'map', fields: new Map(), values: any, atomic: false };
const anyList: ListType = { is: 'list', items: any, merge: 'atomic', keys: [] };
