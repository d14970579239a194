import { FairwayError } from '../../core/errors.ts';
import type { App } from './app.ts';

/**
 * Refuses texts that no database carries, U+0000 and halves of surrogate pairs, before anybody works with them. It
 * comes after the schemas, which say that what is looked through has an end.
 */
export function refuseUnstorableTexts(app: App): void {
  app.addHook('preHandler', async ({ params, query, body }) => {
    for (const part of [params, query, body]) {
      const path = unstorable(part, []);
      if (path === null) continue;
      throw new FairwayError('text-invalid', `${path.join('.')} holds U+0000, or half of a surrogate pair`, {
        field: path.join('.'),
        remedy: 'take it out: no text of the hub can hold it',
      });
    }
  });
}

/** The path of the first such text; null where there is none. */
function unstorable(value: unknown, path: readonly string[]): readonly string[] | null {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? path : null;
  // A hook's body is bytes.
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = unstorable(key, path) ?? unstorable(member, [...path, key]);
    if (found !== null) return found;
  }
  return null;
}
