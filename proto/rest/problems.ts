import { type Static, Type } from 'typebox';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

/** Something wrong with what a file declares, as it stands now (G6). */
export const DeclarationProblem = Type.Object(
  {
    id: Type.Integer(),
    scope: Type.String({ description: 'source:NAME, application:NAME, placement:NAME' }),
    severity: Type.Enum(['error', 'warning']),
    code: Type.String(),
    source: Nullable(Type.String()),
    commit: Nullable(Type.String()),
    file: Nullable(Type.String()),
    line: Nullable(Type.Integer()),
    field: Nullable(Type.String()),
    message: Type.String(),
    remedy: Nullable(Type.String()),
    since: Time,
  },
  { title: 'DeclarationProblem' },
);
export type DeclarationProblem = Static<typeof DeclarationProblem>;

export const ProblemQuery = Type.Object(
  {
    ...PageQuery.properties,
    source: Type.Optional(Name),
    severity: Type.Optional(Type.Enum(['error', 'warning'])),
    code: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,80}$' })),
  },
  { additionalProperties: false },
);
export type ProblemQuery = Static<typeof ProblemQuery>;
