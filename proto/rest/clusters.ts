import { type Static, Type } from 'typebox';
import { Duration, Health, LabelChanges, Labels, Name, Nullable, ObjectReference, Time, Wait } from './common.ts';
import { LabelQuery, PageQuery } from './page.ts';

/** What a cluster may be given; a member left out: without bounds. */
export const Allowance = Type.Object(
  {
    kinds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 200 })),
    namespaces: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 200 })),
  },
  { additionalProperties: false, description: 'kinds as group/Kind, v1/Kind for the core group, * in either place' },
);
export type Allowance = Static<typeof Allowance>;

const ClusterState = Type.Enum(['registered', 'joined', 'revoked']);

const Tally = Type.Integer({ minimum: 0 });

/** How many placements there are, by how they are. */
export const HealthCounts = Type.Object({
  total: Tally,
  healthy: Tally,
  progressing: Tally,
  degraded: Tally,
  suspended: Tally,
  unknown: Tally,
});
export type HealthCounts = Static<typeof HealthCounts>;

export const Cluster = Type.Object(
  {
    name: Type.String(),
    labels: Labels,
    declaredLabels: Nullable(Labels),
    allow: Nullable(Allowance),
    state: ClusterState,
    connected: Type.Boolean(),
    connectionSince: Nullable(Time),
    lastSeenAt: Nullable(Time),
    agentVersion: Nullable(Type.String()),
    kubernetesVersion: Nullable(Type.String()),
    registeredAt: Time,
    joinedAt: Nullable(Time),
    cordon: Nullable(Type.Object({ since: Time, reason: Nullable(Type.String()) })),
    environments: Type.Array(Type.String()),
    placements: HealthCounts,
    drifts: Tally,
    wait: Nullable(Wait),
  },
  { title: 'Cluster' },
);
export type Cluster = Static<typeof Cluster>;

export const ClusterQuery = Type.Object(
  {
    ...PageQuery.properties,
    ...LabelQuery.properties,
    environment: Type.Optional(Name),
    state: Type.Optional(ClusterState),
    connected: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ClusterQuery = Static<typeof ClusterQuery>;

export const ClusterRegistration = Type.Object(
  {
    name: Type.String({ maxLength: 253, description: 'at most 63 lower-case letters, digits and hyphens' }),
    labels: Type.Optional(Labels),
    allow: Type.Optional(Nullable(Allowance)),
    replace: Type.Optional(Type.Boolean({ description: 'let a rebuilt cluster join under its old name' })),
    ttl: Type.Optional(Duration),
  },
  { additionalProperties: false },
);
export type ClusterRegistration = Static<typeof ClusterRegistration>;

/** What an agent needs to join. The token is shown this once. */
export const JoinToken = Type.Object(
  {
    cluster: Type.String(),
    token: Type.String(),
    expiresAt: Time,
    hub: Type.String({ description: 'host:port that the agent dials' }),
    agentImage: Nullable(Type.String()),
    allow: Nullable(Allowance),
    warnings: Type.Array(Type.String()),
  },
  { title: 'JoinToken' },
);
export type JoinToken = Static<typeof JoinToken>;

export const JoinTokenRequest = Type.Object({ ttl: Type.Optional(Duration) }, { additionalProperties: false });

/** A label that is null is taken away; one that is not named stays. */
export const ClusterPatch = Type.Object({ labels: LabelChanges }, { additionalProperties: false });
export type ClusterPatch = Static<typeof ClusterPatch>;

export const Reason = Type.Object(
  { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  { additionalProperties: false },
);

/** One object that an application keeps on a cluster. */
export const ClusterResource = Type.Object(
  {
    application: Type.String(),
    release: Type.String(),
    object: ObjectReference,
    health: Nullable(Health),
    problem: Nullable(Type.Object({ code: Type.String(), field: Nullable(Type.String()), message: Type.String() })),
    drifted: Type.Boolean(),
  },
  { title: 'ClusterResource' },
);
export type ClusterResource = Static<typeof ClusterResource>;
