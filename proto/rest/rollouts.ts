import { type Static, Type } from 'typebox';
import { endStates, type MemberState, type WaveState, waitReasons } from '../../core/rollout/types.ts';
import { Name, Nullable, Time, Wait } from './common.ts';
import { PageQuery } from './page.ts';

/** What the database has room for. */
const largestPosition = 2 ** 31 - 1;

const State = Type.Enum(['running', 'paused', 'rolling-back', ...endStates]);
const waveStates = ['pending', 'waiting', 'rolling', 'soaking', 'done'] as const satisfies readonly WaveState[];
const memberStates = [
  'pending',
  'due',
  'updating',
  'healthy',
  'ill',
  'failed',
  'skipped',
  'left',
  'returning',
  'returned',
] as const satisfies readonly MemberState[];
const Member = Type.Enum([...memberStates]);
const Count = Type.Integer({ minimum: 0 });

/** How many clusters there are, by how they stand. */
export const MemberCounts = Type.Object({
  total: Count,
  pending: Count,
  due: Count,
  updating: Count,
  healthy: Count,
  ill: Count,
  failed: Count,
  skipped: Count,
  left: Count,
  returning: Count,
  returned: Count,
});
export type MemberCounts = Static<typeof MemberCounts>;

const RolloutWait = Type.Object({ on: Type.Enum([...waitReasons]), ...Wait.properties });

/** The journey of an admitted pin over the environment's clusters. */
export const Rollout = Type.Object(
  {
    id: Type.Integer(),
    environment: Type.String(),
    application: Type.String(),
    promotion: Nullable(Type.Integer()),
    kind: Type.Enum(['release', 'removal', 'rollback']),
    release: Type.String({ description: 'of a removal: the one that is taken away' }),
    previous: Nullable(Type.String({ description: 'what a rollback returns to' })),
    state: State,
    stateReason: Nullable(Type.String()),
    stateSince: Time,
    pausedBy: Nullable(Type.String()),
    rolledBackBy: Nullable(Type.String({ description: 'who takes its clusters back, or has: a person, or `hub`' })),
    gated: Type.Boolean({
      description:
        'false: every cluster is handed the release at once, nothing waits for health, and that is all of it',
    }),
    wait: Nullable(RolloutWait),
    wave: Type.Object({ position: Type.Integer({ description: 'from 1' }), of: Count, name: Type.String() }),
    clusters: MemberCounts,
    startedBy: Type.String(),
    createdAt: Time,
    endedAt: Nullable(Time),
  },
  { title: 'Rollout' },
);
export type Rollout = Static<typeof Rollout>;

const Wave = Type.Object({
  position: Type.Integer({ description: 'from 1' }),
  name: Type.String(),
  state: Type.Enum([...waveStates]),
  clusters: MemberCounts,
  maxConcurrent: Nullable(Type.Integer()),
  soakSeconds: Type.Integer(),
  needsApproval: Type.Boolean(),
  approvedBy: Nullable(Type.String()),
  approvedAt: Nullable(Time),
  startedAt: Nullable(Time),
  healthySince: Nullable(Time),
  endedAt: Nullable(Time),
});
export type Wave = Static<typeof Wave>;

/** One cluster of a rollout. */
export const RolloutCluster = Type.Object(
  {
    cluster: Type.String(),
    wave: Type.Integer({ description: 'its position, from 1' }),
    state: Member,
    wait: Nullable(Wait),
    stateReason: Nullable(Type.String()),
    stateSince: Time,
    illBefore: Type.Boolean({ description: 'ill or silent at the snapshot: it takes none of the budget' }),
    assignedAt: Nullable(Time),
    handedOutAt: Nullable(Time),
    attempts: Type.Integer(),
  },
  { title: 'RolloutCluster' },
);
export type RolloutCluster = Static<typeof RolloutCluster>;

/** One rollout with its waves and its budget; `clusters` of each wave are counted, and those in trouble named. */
export const RolloutDetail = Type.Object(
  {
    ...Rollout.properties,
    waves: Type.Array(Wave),
    budget: Type.Object({
      maximum: Nullable(Type.Integer({ description: 'null: no bound' })),
      used: Type.Integer({
        description: 'clusters that rollouts of the environment make unavailable, this one included',
      }),
    }),
    failures: Type.Object({ count: Count, threshold: Count }),
    strategy: Type.Object({
      progressDeadlineSeconds: Type.Integer(),
      onFailure: Type.Enum(['pause', 'rollback']),
      unreachable: Type.Enum(['skip', 'wait', 'fail']),
      windows: Type.Array(Type.String()),
    }),
    troubled: Type.Array(RolloutCluster, { description: 'the first 20 that have failed, are ill, or wait' }),
  },
  { title: 'RolloutDetail' },
);
export type RolloutDetail = Static<typeof RolloutDetail>;

export const RolloutQuery = Type.Object(
  {
    ...PageQuery.properties,
    environment: Type.Optional(Name),
    application: Type.Optional(Name),
    state: Type.Optional(State),
    active: Type.Optional(Type.Boolean({ description: 'those that have not ended' })),
  },
  { additionalProperties: false },
);
export type RolloutQuery = Static<typeof RolloutQuery>;

export const RolloutClusterQuery = Type.Object(
  {
    ...PageQuery.properties,
    state: Type.Optional(Member),
    wave: Type.Optional(Type.Integer({ minimum: 1, maximum: largestPosition, description: 'its position' })),
  },
  { additionalProperties: false },
);
export type RolloutClusterQuery = Static<typeof RolloutClusterQuery>;

/** One step that a rollout took. */
export const RolloutStep = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    generation: Type.Integer({ description: 'the decision that it was part of' }),
    event: Type.String({ description: 'rollout.paused, wave.soaking, cluster.updating, …' }),
    wave: Nullable(Type.Integer({ description: 'its position, from 1' })),
    cluster: Nullable(Type.String()),
    detail: Type.Unknown(),
  },
  { title: 'RolloutStep' },
);
export type RolloutStep = Static<typeof RolloutStep>;

const Reason = Type.String({ minLength: 1, maxLength: 500, description: 'a sentence, which the ledger keeps' });

export const RolloutCommand = Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false });

export const RetryRequest = Type.Object(
  {
    clusters: Type.Optional(
      Type.Array(Name, { minItems: 1, maxItems: 500, description: 'all that failed where it is left out' }),
    ),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);

export const SkipRequest = Type.Object(
  { cluster: Name, reason: Type.Optional(Reason) },
  { additionalProperties: false },
);

export const WaveApproval = Type.Object(
  {
    wave: Type.Optional(
      Type.String({ maxLength: 63, description: 'its name; the one that waits where it is left out' }),
    ),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);

export const RollbackRequest = Type.Object(
  {
    to: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9.-]{1,253}@[0-9a-f]{7,64}$',
        description: 'app@shortsha of a release that was settled; the one before where it is left out',
      }),
    ),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);
