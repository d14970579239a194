import { canonicalJson } from './canonical.ts';
import { isSecret } from './object.ts';

const masked = '"(masked)"';
/** Longest value, in characters, that a status or an event carries (L7). */
const longest = 1024;

/**
 * The JSON text of a field's value, as people may see it: null where it is absent, masked where it is a Secret's
 * (A11), cut where it is long.
 */
export function shown(kind: { group: string; kind: string }, path: readonly string[], value: unknown): string | null {
  if (value === undefined) return null;
  if (isSecret(kind) && (path[0] !== 'metadata' || path[1] === 'annotations')) return masked;
  const text = canonicalJson(value);
  if (text.length <= longest) return text;
  return JSON.stringify(`${text.slice(0, longest)}… (${text.length} characters)`);
}
