import { type Static, Type } from 'typebox';
import { Health, Name, Nullable, ObjectReference, Time, Wait } from './common.ts';
import { LabelQuery, PageQuery } from './page.ts';

const PlacementState = Type.Enum(['active', 'leaving']);

export const Placement = Type.Object(
  {
    cluster: Type.String(),
    application: Type.String(),
    environment: Type.String(),
    state: PlacementState,
    stateReason: Nullable(Type.String()),
    stateSince: Time,
    release: Type.String({ description: 'what it is to run' }),
    bundle: Type.String(),
    generation: Type.Integer(),
    assignedAt: Time,
    runningRelease: Nullable(Type.String({ description: 'what it runs' })),
    runningBundle: Nullable(Type.String()),
    settled: Type.Boolean({ description: 'it runs what it is to run, and is healthy' }),
    health: Health,
    phase: Nullable(Type.String()),
    message: Nullable(Type.String()),
    counts: Nullable(Type.Record(Type.String(), Type.Integer())),
    problems: Type.Array(
      Type.Object({
        object: ObjectReference,
        code: Type.String(),
        field: Nullable(Type.String()),
        message: Type.String(),
      }),
    ),
    reportedAt: Nullable(Time),
    wait: Nullable(Wait),
  },
  { title: 'Placement' },
);
export type Placement = Static<typeof Placement>;

const filters = {
  application: Type.Optional(Name),
  environment: Type.Optional(Name),
  health: Type.Optional(Health),
  state: Type.Optional(PlacementState),
  settled: Type.Optional(Type.Boolean()),
};

export const ClusterPlacementQuery = Type.Object(
  { ...PageQuery.properties, ...filters },
  { additionalProperties: false },
);

export const PlacementQuery = Type.Object(
  { ...PageQuery.properties, ...LabelQuery.properties, ...filters, cluster: Type.Optional(Name) },
  { additionalProperties: false },
);
export type PlacementQuery = Static<typeof PlacementQuery>;
