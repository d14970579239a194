import { type Static, Type } from 'typebox';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

/** When promotions and waves may start (`allow`), or may not (`freeze`), and how that is now (P4). */
export const Window = Type.Object(
  {
    name: Type.String(),
    type: Type.Enum(['allow', 'freeze']),
    schedule: Type.String(),
    duration: Type.String(),
    timeZone: Type.String(),
    override: Type.Array(Type.String()),
    environments: Type.Array(Type.String(), { description: 'that name it' }),
    on: Type.Boolean({ description: 'it is within one of its times' }),
    passable: Type.Boolean({ description: 'it lets through now: an allow that is on, a freeze that is not' }),
    since: Nullable(Time),
    until: Nullable(
      Type.String({ format: 'date-time', description: 'when that changes; null: not as far as is looked' }),
    ),
  },
  { title: 'Window' },
);
export type Window = Static<typeof Window>;

export const WindowQuery = Type.Object(
  { ...PageQuery.properties, environment: Type.Optional(Name) },
  { additionalProperties: false },
);
export type WindowQuery = Static<typeof WindowQuery>;
