import { type Static, Type } from 'typebox';

/** Every error (RFC 9457), as `application/problem+json`. */
export const ProblemDocument = Type.Object(
  {
    type: Type.String({ description: 'about:blank: `code` says which problem it is' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'stable, kebab-case' }),
    field: Type.Optional(Type.String({ description: 'the field that is wrong' })),
    remedy: Type.Optional(Type.String({ description: 'what to do next' })),
    details: Type.Optional(Type.Unknown({ description: 'facts for programs' })),
    instance: Type.Optional(Type.String({ description: 'names this request in the log of the hub' })),
  },
  { title: 'Problem' },
);
export type ProblemDocument = Static<typeof ProblemDocument>;

export const problemMediaType = 'application/problem+json';
