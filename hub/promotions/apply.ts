import type { Transaction } from 'kysely';
import type { PlanContent } from '../../core/change/plan.ts';
import type { PromotionStep } from '../../core/promotion/steps.ts';
import type { PromotionWorld } from '../../core/promotion/world.ts';
import { writePruneApproval } from '../fleet/approve-prune.ts';
import { startRollout } from '../rollouts/start.ts';
import type { Schema } from '../store/schema.ts';
import { openDecided } from './open.ts';
import {
  changePromotions,
  endPromotion,
  othersOfSet,
  type PromotionRow,
  recallPromotions,
  recordPromotion,
} from './records.ts';

/** Whom to wake once what was written stands. */
export interface Wakes {
  readonly rollouts: Set<number>;
  /** Applications whose promotions are to look again. */
  readonly applications: Set<string>;
}

/** A step that is written; the others are looked at outside of the transaction. */
export type WrittenStep = Exclude<PromotionStep, { type: 'look-at-plan' | 'look-at-pin' }>;

/**
 * Writes one step, with its ledger row (U1). In the caller's transaction, which holds the application's lock.
 * @param now milliseconds since the epoch
 */
export async function applyStep(
  transaction: Transaction<Schema>,
  world: PromotionWorld,
  step: WrittenStep,
  wakes: Wakes,
  now: number,
): Promise<void> {
  const { application } = world;
  switch (step.type) {
    case 'open':
      return openDecided(transaction, world, step);
    case 'identify':
      await changePromotions(transaction, [step.promotion], { release: step.release });
      return;
    case 'wait': {
      const changes = { waits: JSON.stringify(step.waits), plan_digest: step.planDigest };
      const [row] = await changePromotions(transaction, [step.promotion], changes);
      await voidApprovals(transaction, step.voided, now);
      // Others may wait for nothing but this one.
      if (row !== undefined) for (const other of await othersOfSet(transaction, row)) wakes.applications.add(other);
      return;
    }
    case 'pin': {
      const changes = { state: 'pinning', waits: '[]', state_since: new Date(now) } as const;
      for (const row of await changePromotions(transaction, step.promotions, changes)) {
        await recordPromotion(transaction, row, { actor: 'hub', action: 'promotion.pin' });
        if (row.application !== application) wakes.applications.add(row.application);
      }
      return;
    }
    case 'recall': {
      for (const row of await recallPromotions(transaction, step.promotions, now)) {
        if (row.application !== application) wakes.applications.add(row.application);
      }
      return;
    }
    case 'admit': {
      const changes = { state: 'pinned', waits: '[]', state_since: new Date(now) } as const;
      const [row] = await changePromotions(transaction, [step.promotion], changes);
      await answerPin(transaction, step.environment, application, step.promotion);
      if (row !== undefined) await recordPromotion(transaction, row, { actor: 'hub', action: 'promotion.admit' });
      return;
    }
    case 'answer':
      return answerPin(transaction, step.environment, application, step.promotion);
    case 'roll-out':
      return startPromotedRollout(transaction, step.promotion, step.supersedes, wakes, now);
    case 'end': {
      const row = await endPromotion(transaction, step.promotion, step.state, step.reason, now);
      for (const other of await othersOfSet(transaction, row)) wakes.applications.add(other);
      return;
    }
  }
}

/** From now on the promotion answers for what the pin says; nothing where there is no pin. */
async function answerPin(
  transaction: Transaction<Schema>,
  environment: string,
  application: string,
  promotion: number,
): Promise<void> {
  await transaction
    .updateTable('pins')
    .set({ promotion })
    .where('environment', '=', environment)
    .where('application', '=', application)
    .execute();
}

async function voidApprovals(
  transaction: Transaction<Schema>,
  voided: readonly { readonly id: number; readonly reason: string }[],
  now: number,
): Promise<void> {
  for (const { id, reason } of voided) {
    await transaction
      .updateTable('approvals')
      .set({ voided_at: new Date(now), voided_reason: reason })
      .where('id', '=', id)
      .where('voided_at', 'is', null)
      .execute();
  }
}

/**
 * Starts the rollout of a promotion whose gates are behind it.
 * @param supersedes the promotion whose rollout is replaced (R2)
 */
export async function startPromotedRollout(
  transaction: Transaction<Schema>,
  id: number,
  supersedes: number | null,
  wakes: Wakes,
  now: number,
): Promise<void> {
  if (supersedes !== null) {
    await endPromotion(transaction, supersedes, 'superseded', `promotion ${id} goes in its place`, now);
  }
  const changes = { state: 'rolling-out', waits: '[]', state_since: new Date(now) } as const;
  const [row] = await changePromotions(transaction, [id], changes);
  const release = row?.release ?? null;
  if (row === undefined || release === null) throw new Error(`promotion ${id} rolls out, and names no release`);
  const rollout = await startRollout(transaction, {
    ...{ environment: row.environment, application: row.application, promotion: id, kind: row.kind },
    ...{ release, startedBy: row.requested_by, traceparent: row.traceparent, supersede: true },
  });
  const [started] = await changePromotions(transaction, [id], { rollout });
  if (started !== undefined) {
    await recordPromotion(transaction, started, { actor: 'hub', action: 'promotion.roll-out', detail: { rollout } });
  }
  await approveDeletions(transaction, row, release);
  wakes.rollouts.add(rollout);
}

/** Whoever approved a plan that lists deletions has said of them that they may be (A6). */
async function approveDeletions(
  transaction: Transaction<Schema>,
  { id, environment, application, plan_digest: digest }: PromotionRow,
  release: string,
): Promise<void> {
  if (digest === null) return;
  const approval = await transaction
    .selectFrom('approvals')
    .innerJoin('plans', 'plans.digest', 'approvals.plan_digest')
    .select(['approvals.actor', 'plans.content'])
    .where('approvals.promotion', '=', id)
    .where('approvals.plan_digest', '=', digest)
    .where('approvals.decision', '=', 'approve')
    .where('approvals.voided_at', 'is', null)
    .orderBy('approvals.id', 'desc')
    .executeTakeFirst();
  if (approval === undefined || (approval.content as PlanContent).deletes.length === 0) return;
  const word = { environment, application, release, actor: approval.actor, promotion: String(id) };
  await writePruneApproval(transaction, word, null);
}
