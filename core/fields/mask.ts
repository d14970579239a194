import { canonicalJson } from '../canonical.ts';
import { isSecret } from '../objects/object.ts';
import { isWithin, toPointer } from './pointer.ts';

const masked = '"(masked)"';
/** Longest value, in characters, that a status or an event carries (L7). */
const longest = 1024;

/** Of what kind an object is, and the JSON pointers of the fields that came encrypted (A13). */
interface Shown {
  readonly group: string;
  readonly kind: string;
  readonly sealed?: readonly string[];
}

/**
 * The JSON text of a field's value, as people may see it: null where it is absent, masked where it is a Secret's or
 * came encrypted (A11), cut where it is long.
 */
export function shown(object: Shown, path: readonly string[], value: unknown): string | null {
  if (value === undefined) return null;
  if (isSecret(object) && (path[0] !== 'metadata' || path[1] === 'annotations')) return masked;
  if (holdsSealed(object.sealed ?? [], path)) return masked;
  const text = canonicalJson(value);
  if (text.length <= longest) return text;
  return JSON.stringify(`${text.slice(0, longest)}… (${text.length} characters)`);
}

/** True where a field came encrypted, is part of one that did, or holds one. */
function holdsSealed(sealed: readonly string[], path: readonly string[]): boolean {
  if (sealed.length === 0) return false;
  const pointer = toPointer(path);
  return sealed.some((other) => isWithin(pointer, other) || isWithin(other, pointer));
}
