import { type Static, Type } from 'typebox';
import { HealthCounts } from './clusters.ts';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';
import { Position } from './positions.ts';

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

/** One application, and where it stands in each environment. */
export const ApplicationDetail = Type.Object(
  { ...Application.properties, positions: Type.Array(Position) },
  { title: 'ApplicationDetail' },
);
export type ApplicationDetail = Static<typeof ApplicationDetail>;

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
