import type { Cause } from '../../api/error.ts';
import { isMap, type JsonMap } from '../../schema/type.ts';
import { required, unsupported, wrong } from './cause.ts';

/** What a CRD's schema has against a value. Types, required fields, enumerations, patterns and bounds are kept to. */
export function checkAgainst(schema: unknown, value: unknown, at = ''): Cause[] {
  if (!isMap(schema) || value === undefined) return [];
  if (value === null) return schema.nullable === true || at === '' ? [] : [mistyped(schema, value, at)];
  if (!fitsType(schema, value)) return [mistyped(schema, value, at)];
  const causes: Cause[] = [];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    causes.push(unsupported(at, value, schema.enum.map(String)));
  causes.push(...checkBounds(schema, value, at));
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) causes.push(...checkAgainst(schema.items, item, `${at}[${index}]`));
  } else if (isMap(value)) causes.push(...checkMembers(schema, value, at));
  return causes;
}

function checkMembers(schema: JsonMap, value: JsonMap, at: string): Cause[] {
  const inside = (name: string) => (at === '' ? name : `${at}.${name}`);
  const needed = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const causes = needed.filter((name) => value[name] === undefined).map((name) => required(inside(name)));
  const properties = isMap(schema.properties) ? schema.properties : {};
  for (const [name, inner] of Object.entries(value)) {
    if (at === '' && ['apiVersion', 'kind', 'metadata'].includes(name)) continue;
    causes.push(...checkAgainst(properties[name] ?? schema.additionalProperties, inner, inside(name)));
  }
  return causes;
}

function checkBounds(schema: JsonMap, value: unknown, at: string): Cause[] {
  const causes: Cause[] = [];
  const { minimum, maximum, minLength, maxLength, pattern } = schema;
  const inBody = (why: string) => wrong(at, value, `${at} in body ${why}`);
  if (typeof value === 'number') {
    if (typeof minimum === 'number' && value < minimum)
      causes.push(inBody(`should be greater than or equal to ${minimum}`));
    if (typeof maximum === 'number' && value > maximum)
      causes.push(inBody(`should be less than or equal to ${maximum}`));
  }
  if (typeof value === 'string') {
    if (typeof minLength === 'number' && value.length < minLength)
      causes.push(inBody(`should be at least ${minLength} chars long`));
    if (typeof maxLength === 'number' && value.length > maxLength)
      causes.push(inBody(`should be at most ${maxLength} chars long`));
    if (typeof pattern === 'string' && !matchesPattern(pattern, value))
      causes.push(inBody(`should match '${pattern}'`));
  }
  return causes;
}

/** A pattern that is none in JavaScript is not held against anybody. */
function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function fitsType(schema: JsonMap, value: unknown): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'string' || Number.isInteger(value);
  switch (schema.type) {
    case 'integer':
      return Number.isInteger(value);
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === schema.type;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isMap(value);
    default:
      return true;
  }
}

function mistyped(schema: JsonMap, value: unknown, at: string): Cause {
  const got =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'array'
        : typeof value === 'number'
          ? Number.isInteger(value)
            ? 'integer'
            : 'number'
          : typeof value;
  return {
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: ${JSON.stringify(got)}: ${at} in body must be of type ${String(schema.type)}: ${JSON.stringify(got)}`,
    field: at,
  };
}
