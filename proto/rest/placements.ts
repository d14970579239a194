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

export const PlacementParameters = Type.Object({ name: Name, application: Name });

/** A person's word that a release may delete what it no longer has (A6). */
export const PruneApprovalRequest = Type.Object(
  { release: Type.String({ description: 'what the placement is to run, as APPLICATION@COMMIT' }) },
  { additionalProperties: false },
);
export type PruneApprovalRequest = Static<typeof PruneApprovalRequest>;

export const PruneApproval = Type.Object(
  {
    environment: Type.String(),
    application: Type.String(),
    release: Type.String(),
    approvedBy: Type.String(),
    promotion: Nullable(Type.String({ description: 'the promotion whose approved plan listed the deletions' })),
    clusters: Type.Array(Type.String(), { description: 'those that are to run the release: it holds for each' }),
  },
  { title: 'PruneApproval' },
);
export type PruneApproval = Static<typeof PruneApproval>;
