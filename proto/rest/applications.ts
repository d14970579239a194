import { type Static, Type } from 'typebox';
import { HealthCounts } from './clusters.ts';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

export const Application = Type.Object(
  {
    name: Type.String(),
    tenant: Nullable(Type.String()),
    source: Type.String(),
    path: Type.String(),
    environments: Type.Array(Type.String()),
    newestRelease: Nullable(Type.String()),
    seenAt: Time,
    removedAt: Nullable(Time),
    placements: HealthCounts,
  },
  { title: 'Application' },
);
export type Application = Static<typeof Application>;

export const ApplicationQuery = Type.Object(
  {
    ...PageQuery.properties,
    tenant: Type.Optional(Name),
    source: Type.Optional(Name),
    environment: Type.Optional(Name),
  },
  { additionalProperties: false },
);
export type ApplicationQuery = Static<typeof ApplicationQuery>;
