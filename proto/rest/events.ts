import { type Static, Type } from 'typebox';
import { Name, Nullable, Time } from './common.ts';
import { PageQuery } from './page.ts';

const Severity = Type.Enum(['info', 'warning', 'error']);

export const FleetEvent = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    type: Type.String(),
    severity: Severity,
    message: Type.String(),
    cluster: Nullable(Type.String()),
    application: Nullable(Type.String()),
    environment: Nullable(Type.String()),
    release: Nullable(Type.String()),
    data: Type.Unknown(),
  },
  { title: 'Event' },
);
export type FleetEvent = Static<typeof FleetEvent>;

const filters = {
  application: Type.Optional(Name),
  environment: Type.Optional(Name),
  release: Type.Optional(Type.String({ maxLength: 300 })),
  type: Type.Optional(Type.String({ pattern: '^[a-z.-]{1,60}$' })),
  severity: Type.Optional(Severity),
};

export const ClusterEventQuery = Type.Object({ ...PageQuery.properties, ...filters }, { additionalProperties: false });

export const EventQuery = Type.Object(
  { ...PageQuery.properties, ...filters, cluster: Type.Optional(Name) },
  { additionalProperties: false },
);
export type EventQuery = Static<typeof EventQuery>;
