import { canonicalJson, digestOf } from '../../core/canonical.ts';
import { FairwayError } from '../../core/errors.ts';
import { type Page, type PageQuery, pageLimit } from '../../proto/rest/page.ts';
import type { DataKey } from '../store/data-key.ts';

/** The values of the columns that a list is ordered by, of one row. */
export type Key = readonly (string | number)[];

export interface Slice {
  /** Only rows beyond this one; null: from the start. */
  readonly after: Key | null;
  readonly limit: number;
}

export interface Pager {
  /**
   * One page of a list. Pages are cut by key, not by number, so that rows which come or go meanwhile neither repeat
   * nor hide others.
   * @param list its name: a cursor of one list, or of other filters, is refused by another
   * @param read reads up to `limit` rows after a key, in order
   * @throws FairwayError `cursor-invalid`
   */
  page<T>(
    list: string,
    query: PageQuery,
    read: (slice: Slice) => Promise<readonly T[]>,
    keyOf: (item: T) => Key,
  ): Promise<Page<T>>;
}

/** @param dataKey seals the cursors; every replica has the same, so a cursor is good on each */
export function createPager(dataKey: DataKey): Pager {
  function encode(context: string, key: Key): string {
    return Buffer.from(dataKey.seal(Buffer.from(JSON.stringify(key)), context)).toString('base64url');
  }

  function decode(context: string, cursor: string): Key {
    try {
      return JSON.parse(Buffer.from(dataKey.open(Buffer.from(cursor, 'base64url'), context)).toString()) as Key;
    } catch (cause) {
      throw new FairwayError('cursor-invalid', 'this cursor is not from a page of this list with these filters', {
        field: 'cursor',
        remedy: 'take it from the page before, unchanged, with the same filters; or begin without one',
        cause,
      });
    }
  }

  return {
    async page(list, { cursor, limit = pageLimit.standard, ...filters }, read, keyOf) {
      const context = `cursor ${list} ${digestOf(canonicalJson(filters))}`;
      const after = cursor === undefined ? null : decode(context, cursor);
      const items = [...(await read({ after, limit: limit + 1 }))];
      const more = items.length > limit;
      if (more) items.length = limit;
      const last = items.at(-1);
      return { items, cursor: more && last !== undefined ? encode(context, keyOf(last)) : null };
    },
  };
}
