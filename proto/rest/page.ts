import { type Static, type TSchema, Type } from 'typebox';
import { Nullable } from './common.ts';

/** How many items a page has where the caller does not say, and at most. */
export const pageLimit = { standard: 50, maximum: 500 } as const;

/** What every list takes. A cursor is good only for the list, filters and order that it came from. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageLimit.maximum, default: pageLimit.standard })),
    cursor: Type.Optional(Type.String({ maxLength: 2048, description: 'opaque; from the page before' })),
  },
  { additionalProperties: false },
);
export type PageQuery = Static<typeof PageQuery>;

/** What every list answers. `cursor` is null on the last page. */
export const PageOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), cursor: Nullable(Type.String()) });

export interface Page<T> {
  items: T[];
  cursor: string | null;
}

/** For lists whose items, or whose items' clusters, have labels. */
export const LabelQuery = Type.Object({
  labelSelector: Type.Optional(
    Type.String({ maxLength: 2048, description: 'env=prod,region in (eu,us),!legacy', examples: ['env=prod'] }),
  ),
});
