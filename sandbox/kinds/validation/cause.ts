import type { Cause } from '../../api/error.ts';
import { isMap } from '../../schema/type.ts';

/** The server's words for what can be wrong with a field. */
export function required(field: string, why = ''): Cause {
  return { reason: 'FieldValueRequired', message: `Required value${why === '' ? '' : `: ${why}`}`, field };
}

/** @param value shown as Go prints it; a text that starts like a Go type is taken as it is */
export function wrong(field: string, value: unknown, why: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown(value)}: ${why}`, field };
}

export function unsupported(field: string, value: unknown, supported: readonly string[]): Cause {
  const list = supported.map((name) => JSON.stringify(name)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown(value)}: supported values: ${list}`,
    field,
  };
}

export function duplicate(field: string, value: unknown): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}`, field };
}

export function forbiddenField(field: string, why: string): Cause {
  return { reason: 'FieldValueForbidden', message: `Forbidden: ${why}`, field };
}

/** A value as Go prints it, as far as JSON tells its type. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return `[]string{${value.map(shown).join(', ')}}`;
  if (isMap(value)) {
    const members = Object.keys(value)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${shown(value[name])}`);
    return `map[string]string{${members.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** A cause whose value is of a Go type that JSON does not show. */
export function wrongStruct(field: string, goText: string, why: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${goText}: ${why}`, field };
}
