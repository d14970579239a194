import { type Static, Type } from 'typebox';
import { Nullable, Time, Wait } from './common.ts';

export const Source = Type.Object(
  {
    name: Type.String(),
    origin: Type.Enum(['fleet', 'declared']),
    url: Type.String({ description: 'without credentials' }),
    branch: Nullable(Type.String()),
    paths: Type.Array(Type.String()),
    tenants: Type.Array(Type.String()),
    head: Nullable(
      Type.Object({
        commit: Type.String(),
        author: Nullable(Type.String()),
        message: Nullable(Type.String()),
        committedAt: Nullable(Time),
        seenAt: Nullable(Time),
      }),
    ),
    rewrittenHead: Nullable(Type.String({ description: 'a head that does not descend from ours; not followed' })),
    checkedAt: Nullable(Time),
    error: Nullable(
      Type.Object({ code: Type.String(), message: Type.String(), remedy: Nullable(Type.String()), since: Time }),
    ),
    hasCredentials: Type.Boolean(),
    removedAt: Nullable(Time),
    wait: Nullable(Wait),
  },
  { title: 'Source' },
);
export type Source = Static<typeof Source>;

const webhookSecret = Type.Optional(
  Type.String({ maxLength: 1_000, description: 'the Git host signs its hooks with it' }),
);

/** Write-only: no response holds any of it. */
export const SourceCredentials = Type.Union([
  Type.Object({ type: Type.Literal('none'), webhookSecret }, { additionalProperties: false }),
  Type.Object(
    {
      type: Type.Literal('basic'),
      username: Type.String({ maxLength: 255 }),
      password: Type.String({ maxLength: 10_000 }),
      webhookSecret,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal('ssh'),
      privateKey: Type.String({ maxLength: 20_000 }),
      knownHosts: Type.String({ maxLength: 100_000 }),
      webhookSecret,
    },
    { additionalProperties: false },
  ),
]);
export type SourceCredentials = Static<typeof SourceCredentials>;

/** Whether credentials are stored, under which name, and which sources use them. */
export const CredentialsState = Type.Object(
  { name: Type.String(), stored: Type.Boolean(), sources: Type.Array(Type.String()) },
  { title: 'CredentialsState' },
);
export type CredentialsState = Static<typeof CredentialsState>;

/** Which rewritten head a person has looked at and takes: a guard against one that moved again meanwhile. */
export const SourceAcceptance = Type.Object(
  {
    commit: Type.String({
      pattern: '^[0-9a-f]{40}$|^[0-9a-f]{64}$',
      description: 'the whole id of a commit, 40 or 64 digits',
    }),
  },
  { additionalProperties: false },
);
