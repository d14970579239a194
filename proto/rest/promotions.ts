import { type Static, Type } from 'typebox';
import { gates, overridableGates, promotionStates } from '../../core/promotion/types.ts';
import { CheckVerdict } from './checks.ts';
import { Name, Nullable, Time, Wait } from './common.ts';
import { PageQuery } from './page.ts';
import { PlanSummary } from './plans.ts';

const State = Type.Enum([...promotionStates]);
const OverridableGate = Type.Enum([...overridableGates]);
const Reason = Type.String({ minLength: 1, maxLength: 500, description: 'a sentence, which the ledger keeps' });
const PlanDigest = Type.String({
  pattern: '^sha256:[0-9a-f]{64}$',
  description: "the plan's digest, as sha256: and 64 hexadecimal digits",
});

/** A gate that is not met: which, why, since when, and until when at most (R5). */
const GateWait = Type.Object({
  gate: Type.Enum([...gates]),
  name: Nullable(Type.String({ description: 'which check, window, environment or application; null: there is one' })),
  ...Wait.properties,
});

/** The request to move a pin: on its way, or ended. */
export const Promotion = Type.Object(
  {
    id: Type.Integer(),
    set: Nullable(Type.Integer({ description: 'the first of those that go in one commit with it' })),
    environment: Type.String(),
    application: Type.String(),
    kind: Type.Enum(['release', 'removal', 'rollback']),
    origin: Type.Enum(['request', 'auto', 'pin', 'head', 'rollback']),
    source: Nullable(Type.String()),
    revision: Nullable(Type.String()),
    release: Nullable(Type.String()),
    previous: Nullable(Type.String({ description: 'what was settled when it began' })),
    state: State,
    stateReason: Nullable(Type.String()),
    stateSince: Time,
    waits: Type.Array(GateWait),
    planDigest: Nullable(Type.String()),
    pinCommit: Nullable(Type.String()),
    rollout: Nullable(Type.Integer()),
    requestedBy: Type.String(),
    reason: Nullable(Type.String()),
    createdAt: Time,
    endedAt: Nullable(Time),
  },
  { title: 'Promotion' },
);
export type Promotion = Static<typeof Promotion>;

/** One promotion with its approvals, checks and plan. */
export const PromotionDetail = Type.Object(
  {
    ...Promotion.properties,
    plan: Nullable(PlanSummary),
    approvals: Type.Object({
      required: Type.Integer(),
      given: Type.Integer({ description: 'that count: of the plan as it is, by people who may' }),
      from: Type.Array(Type.String()),
      items: Type.Array(
        Type.Object({
          actor: Type.String(),
          role: Type.String(),
          decision: Type.Enum(['approve', 'reject']),
          counts: Type.Boolean(),
          planDigest: Type.String(),
          reason: Nullable(Type.String()),
          at: Time,
          voidedAt: Nullable(Time),
          voidedReason: Nullable(Type.String()),
        }),
      ),
    }),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        verdict: Nullable(CheckVerdict),
        detail: Nullable(Type.String()),
        url: Nullable(Type.String()),
        at: Nullable(Time),
      }),
      { description: 'those that the environment asks for; verdict null: it has not reported' },
    ),
    overrides: Type.Array(
      Type.Object({
        gate: OverridableGate,
        name: Nullable(Type.String({ description: 'which window; null: the gate is the only one of its kind' })),
        ...{ actor: Type.String(), reason: Type.String(), at: Time },
      }),
    ),
  },
  { title: 'PromotionDetail' },
);
export type PromotionDetail = Static<typeof PromotionDetail>;

export const PromotionQuery = Type.Object(
  {
    ...PageQuery.properties,
    environment: Type.Optional(Name),
    application: Type.Optional(Name),
    release: Type.Optional(Type.String({ maxLength: 300 })),
    state: Type.Optional(State),
    set: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    active: Type.Optional(Type.Boolean({ description: 'those that have not ended' })),
  },
  { additionalProperties: false },
);
export type PromotionQuery = Static<typeof PromotionQuery>;

export const PromotionRequest = Type.Object(
  {
    environment: Name,
    applications: Type.Array(Name, { minItems: 1, maxItems: 100 }),
    release: Type.Optional(
      Type.String({ pattern: '^[a-z0-9.-]{1,253}@[0-9a-f]{7,64}$', description: 'app@shortsha, of one application' }),
    ),
    revision: Type.Optional(
      Type.String({ pattern: '^[0-9a-f]{40}$|^[0-9a-f]{64}$', description: 'a whole commit id' }),
    ),
    remove: Type.Optional(Type.Boolean({ description: 'take the applications away' })),
    reason: Type.Optional(Reason),
    override: Type.Optional(
      Type.Array(OverridableGate, {
        maxItems: overridableGates.length,
        description: 'gates to open by force, with a reason',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'without release and revision: what is settled and soaked where the environment promotes from',
  },
);
export type PromotionRequest = Static<typeof PromotionRequest>;

export const PromotionsMade = Type.Object({ items: Type.Array(Promotion) }, { title: 'PromotionsMade' });

/** Whoever approves says which plan they have seen (P2). */
export const Approval = Type.Object(
  { plan: PlanDigest, reason: Type.Optional(Reason) },
  { additionalProperties: false },
);

export const PromotionCommand = Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false });

export const Override = Type.Object({ gate: OverridableGate, reason: Reason }, { additionalProperties: false });
