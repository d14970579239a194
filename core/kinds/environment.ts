import { type Static, Type } from 'typebox';
import { CountOrPercent, Duration, Name, RoleSubject } from './scalars.ts';
import { Selector } from './selector.ts';

const closed = { additionalProperties: false } as const;

const Approvals = Type.Object(
  {
    required: Type.Integer({ minimum: 0, maximum: 20, default: 0 }),
    from: Type.Array(RoleSubject, { default: ['role:approver'] }),
    /** May the author of a commit that is new approve its promotion? (P3) */
    allowAuthor: Type.Boolean({ default: false }),
  },
  { ...closed, default: {} },
);

const Promotion = Type.Object(
  {
    /** Settled, healthy and soaked there first. Empty: no pin; the head of the source is followed. */
    from: Type.Array(Name, { default: [] }),
    mode: Type.Enum(['auto', 'manual'], { default: 'manual' }),
    soak: Type.With(Duration, { default: '0s' }),
    approvals: Approvals,
    checks: Type.Array(Name, { default: [] }),
    windows: Type.Array(Name, { default: [] }),
    removal: Type.Enum(['approve', 'auto'], { default: 'approve' }),
  },
  { ...closed, default: {} },
);

const Wave = Type.Object(
  {
    name: Name,
    clusters: Type.Optional(Selector),
    /** So many of them. */
    count: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Or such a share of all the environment's clusters, rounded up. */
    percent: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100 })),
    maxConcurrent: Type.Optional(Type.Integer({ minimum: 1 })),
    soak: Type.Optional(Duration),
    approval: Type.Boolean({ default: false }),
  },
  closed,
);

const Rollout = Type.Object(
  {
    /** Left out: one cluster, then 25 %, then the rest, each health-gated. */
    waves: Type.Optional(Type.Array(Wave, { minItems: 1 })),
    maxUnavailable: Type.With(CountOrPercent, { default: '25%' }),
    failureThreshold: Type.Integer({ minimum: 1, default: 1 }),
    progressDeadline: Type.With(Duration, { default: '10m' }),
    onFailure: Type.Enum(['pause', 'rollback'], { default: 'pause' }),
    unreachable: Type.Enum(['skip', 'wait', 'fail'], { default: 'skip' }),
  },
  { ...closed, default: {} },
);

const Grants = Type.Object(
  {
    maximum: Type.With(Duration, { default: '2h' }),
    approval: Type.Boolean({ default: true }),
    reconcileWithin: Type.With(Duration, { default: '24h' }),
    blockPromotion: Type.Boolean({ default: true }),
  },
  { ...closed, default: {} },
);

/** A label selector over clusters, with its rules for promotion, rollout and drift. */
export const EnvironmentSpec = Type.Object(
  {
    clusters: Selector,
    promotion: Promotion,
    rollout: Rollout,
    drift: Type.Enum(['correct', 'report', 'hold'], { default: 'correct' }),
    grants: Grants,
    experimental: Type.Boolean({ default: false }),
  },
  closed,
);
export type EnvironmentSpec = Static<typeof EnvironmentSpec>;
