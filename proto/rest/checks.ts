import { type Static, Type } from 'typebox';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

/** Neither pass nor fail is inconclusive: it pauses for a person (P7). */
export const CheckVerdict = Type.Enum(['pass', 'fail', 'inconclusive']);

/** What some system found of a release. Of those of one name, the latest counts (P4). */
export const Check = Type.Object(
  {
    id: Type.Integer(),
    release: Type.String(),
    environment: Nullable(Type.String({ description: 'null: wherever the release goes' })),
    name: Type.String(),
    verdict: CheckVerdict,
    detail: Nullable(Type.String()),
    url: Nullable(Type.String()),
    reportedBy: Type.String(),
    at: Time,
  },
  { title: 'Check' },
);
export type Check = Static<typeof Check>;

export const CheckReport = Type.Object(
  {
    name: Name,
    verdict: CheckVerdict,
    environment: Type.Optional(Name),
    detail: Type.Optional(Type.String({ maxLength: 4000 })),
    url: Type.Optional(
      Type.String({ pattern: '^https?://\\S+$', maxLength: 2000, description: 'http:// or https://' }),
    ),
  },
  { additionalProperties: false },
);
export type CheckReport = Static<typeof CheckReport>;

export const CheckQuery = Type.Object(
  { ...PageQuery.properties, name: Type.Optional(Name), environment: Type.Optional(Name) },
  { additionalProperties: false },
);
export type CheckQuery = Static<typeof CheckQuery>;
