import { type Static, Type } from 'typebox';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

/** One row of the ledger (U1). */
export const AuditEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    actor: Type.String(),
    action: Type.String(),
    subject: Type.String(),
    cluster: Nullable(Type.String()),
    environment: Nullable(Type.String()),
    application: Nullable(Type.String()),
    release: Nullable(Type.String()),
    approvers: Type.Array(Type.String()),
    digestBefore: Nullable(Type.String()),
    digestAfter: Nullable(Type.String()),
    commit: Nullable(Type.String()),
    detail: Type.Unknown(),
  },
  { title: 'AuditEntry' },
);
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditQuery = Type.Object(
  {
    ...PageQuery.properties,
    actor: Type.Optional(Type.String({ maxLength: 300 })),
    action: Type.Optional(Type.String({ maxLength: 100 })),
    subject: Type.Optional(Type.String({ maxLength: 300 })),
    cluster: Type.Optional(Name),
    environment: Type.Optional(Name),
    application: Type.Optional(Name),
    release: Type.Optional(Type.String({ maxLength: 300 })),
    since: Type.Optional(Time),
    until: Type.Optional(Time),
  },
  { additionalProperties: false, description: 'since and until bound the time: since ≤ at < until' },
);
export type AuditQuery = Static<typeof AuditQuery>;
