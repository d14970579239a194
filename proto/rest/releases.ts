import { type Static, Type } from 'typebox';
import { Name, Nullable, ObjectReference, Time } from './common.ts';
import { PageQuery } from './page.ts';

export const Release = Type.Object(
  {
    id: Type.String({ description: 'app@shortsha' }),
    sequence: Type.Integer({ description: 'grows with each release' }),
    application: Type.String(),
    source: Type.String(),
    path: Type.String(),
    commit: Type.String(),
    author: Nullable(Type.String()),
    message: Nullable(Type.String()),
    committedAt: Nullable(Time),
    createdAt: Time,
    origin: Type.Enum(['head', 'pin']),
    environments: Type.Array(Type.String()),
    newest: Type.Boolean(),
    clusters: Type.Object({
      assigned: Type.Integer({ description: 'clusters that are to run it' }),
      running: Type.Integer({ description: 'clusters that run it' }),
    }),
  },
  { title: 'Release' },
);
export type Release = Static<typeof Release>;

export const ReleaseQuery = Type.Object(
  {
    ...PageQuery.properties,
    application: Type.Optional(Name),
    source: Type.Optional(Name),
    commit: Type.Optional(Type.String({ pattern: '^[0-9a-f]{7,64}$' })),
  },
  { additionalProperties: false },
);
export type ReleaseQuery = Static<typeof ReleaseQuery>;

export const ReleaseParameters = Type.Object({
  id: Type.String({ pattern: '^[a-z0-9.-]{1,253}@[0-9a-f]{7,64}$', description: 'app@shortsha' }),
});

/** A release rendered for one set of variable values. Never its content: that may hold Secrets (A11). */
export const ReleaseBundle = Type.Object(
  {
    digest: Type.String(),
    renderKey: Type.String(),
    size: Type.Integer({ description: 'bytes' }),
    sealed: Type.Boolean(),
    objects: Type.Array(ObjectReference),
    clusters: Type.Integer({ description: 'clusters that are to run it' }),
  },
  { title: 'ReleaseBundle' },
);
export type ReleaseBundle = Static<typeof ReleaseBundle>;
