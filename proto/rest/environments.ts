import { type Static, Type } from 'typebox';
import { HealthCounts } from './clusters.ts';
import { Labels, Time } from './common.ts';
import { LabelQuery, PageQuery } from './page.ts';
import { Position } from './positions.ts';

export const Environment = Type.Object(
  {
    name: Type.String(),
    labels: Labels,
    selector: Type.String({ description: 'which clusters are its members' }),
    promotesFrom: Type.Array(Type.String()),
    drift: Type.String(),
    clusters: Type.Object({ total: Type.Integer(), connected: Type.Integer() }),
    placements: HealthCounts,
    file: Type.String(),
    commit: Type.String(),
    declaredAt: Time,
  },
  { title: 'Environment' },
);
export type Environment = Static<typeof Environment>;

/** An environment with its members, by name; `moreMembers` counts those beyond the first 500. */
export const EnvironmentDetail = Type.Object(
  {
    ...Environment.properties,
    spec: Type.Unknown(),
    members: Type.Array(Type.Object({ name: Type.String(), connected: Type.Boolean(), state: Type.String() })),
    moreMembers: Type.Integer(),
    applications: Type.Array(Position),
  },
  { title: 'EnvironmentDetail' },
);
export type EnvironmentDetail = Static<typeof EnvironmentDetail>;

export const EnvironmentQuery = Type.Object(
  { ...PageQuery.properties, ...LabelQuery.properties },
  { additionalProperties: false },
);
export type EnvironmentQuery = Static<typeof EnvironmentQuery>;
