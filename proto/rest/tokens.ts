import { type Static, Type } from 'typebox';
import { roles } from '../../core/access.ts';
import { Duration, Name, Nullable, Time } from './common.ts';

const Role = Type.Enum([...roles]);

export const Token = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    role: Role,
    environments: Type.Array(Type.String()),
    tenants: Type.Array(Type.String()),
    email: Nullable(Type.String()),
    createdBy: Type.String(),
    createdAt: Time,
    expiresAt: Nullable(Time),
    revokedAt: Nullable(Time),
    lastUsedAt: Nullable(Time),
  },
  { title: 'Token' },
);
export type Token = Static<typeof Token>;

const ScopeNames = Type.Array(Type.Union([Type.Literal('*'), Name]), { minItems: 1, maxItems: 100 });

export const TokenRequest = Type.Object(
  {
    name: Name,
    role: Role,
    environments: Type.Optional(ScopeNames),
    tenants: Type.Optional(ScopeNames),
    ttl: Type.Optional(Nullable(Duration)),
    email: Type.Optional(
      Type.String({
        pattern: '^[^\\s<>@]+@[^\\s<>@]+$',
        maxLength: 254,
        description: 'of whoever bears it: commits by that address count as theirs',
      }),
    ),
  },
  { additionalProperties: false, description: 'ttl left out: 90 days; null: it does not expire' },
);
export type TokenRequest = Static<typeof TokenRequest>;

/** The one answer that holds the secret (T6). */
export const CreatedToken = Type.Object(
  { ...Token.properties, token: Type.String({ description: 'shown this once' }) },
  { title: 'CreatedToken' },
);
export type CreatedToken = Static<typeof CreatedToken>;

export const TokenParameters = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 253, description: 'id or name' }),
});
