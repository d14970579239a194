import type { Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { type ApprovalRefusal, mayApprove } from '../../core/promotion/approvals.ts';
import type { OverridableGate } from '../../core/promotion/types.ts';
import type { NamedWindow } from '../../core/promotion/windows.ts';
import type { EnvironmentFacts } from '../../core/promotion/world.ts';
import { loadNamedWindows } from '../rollouts/load-windows.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import type { PromotionContext } from './context.ts';
import { nothingLooked } from './look.ts';
import { checkOverride, writeOverride } from './override.ts';
import { loadAddresses } from './people.ts';
import { endPromotion, lockPromotions, othersOfSet, type PromotionRow, recordPromotion } from './records.ts';
import { loadPromotionWorld } from './world.ts';

/** The commands on promotions. Each is one transaction with its ledger row (U1); asking twice is asking once. */

export interface PromotionCommand {
  readonly promotion: number;
  /** As the ledger names them: `user:lead@example.com`, `token:ci`. */
  readonly actor: string;
  readonly role: string;
  readonly reason: string | null;
}

/**
 * Approves a promotion's plan as it is now (P2, P3).
 * @param command.plan the digest of the plan that was seen; null: whatever it is
 * @throws FairwayError `promotion-not-found`, `promotion-not-waiting`, `plan-missing`, `plan-changed`,
 * `approval-role-not-asked`, `approval-own-promotion`, `approval-own-commits`
 */
export function approvePromotion(
  context: PromotionContext,
  command: PromotionCommand & { readonly plan: string | null },
): Promise<PromotionRow> {
  return change(context, command, async (transaction, row, environment) => {
    requireWaiting(row);
    const { id, plan_digest: plan, requested_by: requestedBy, authors } = row;
    const { actor, role, reason } = command;
    if (plan === null) {
      throw new FairwayError('plan-missing', `Promotion ${id} has no plan yet that could be approved.`, {
        retry: 'again',
      });
    }
    if (command.plan !== null && command.plan !== plan) {
      throw new FairwayError('plan-changed', `The plan of promotion ${id} is another one now.`, {
        field: 'plan',
        remedy: `Look at it again: fairway promotion show ${id}`,
      });
    }
    const { approvals } = environment.rules;
    const addresses = await loadAddresses(transaction, [actor, requestedBy]);
    const refusal = mayApprove(
      { requestedBy, requesterAddress: addresses.get(requestedBy) ?? null, authors },
      approvals,
      { actor, role, address: addresses.get(actor) ?? null },
    );
    if (refusal !== null) throw refused(refusal, id, role, approvals.from);
    const stands = await transaction
      .selectFrom('approvals')
      .select('id')
      .where('promotion', '=', id)
      .where('actor', '=', actor)
      .where('plan_digest', '=', plan)
      .where('voided_at', 'is', null)
      .executeTakeFirst();
    if (stands !== undefined) return;
    await transaction
      .updateTable('approvals')
      .set({ voided_at: new Date(context.now()), voided_reason: 'approved anew' })
      .where('promotion', '=', id)
      .where('actor', '=', actor)
      .where('voided_at', 'is', null)
      .execute();
    const at = new Date(context.now());
    const approval = { promotion: id, actor, role, decision: 'approve', plan_digest: plan, reason, at } as const;
    await transaction.insertInto('approvals').values(approval).execute();
    const why = reason === null ? {} : { reason };
    await recordPromotion(transaction, row, { actor, action: 'promotion.approve', approvers: [actor], ...why });
  });
}

const refusals: Readonly<Record<ApprovalRefusal, string>> = {
  'role-not-asked': 'is not asked for',
  'own-promotion': 'may not approve what they promoted themselves',
  'own-commits': 'may not approve commits that they wrote themselves',
};

function refused(refusal: ApprovalRefusal, id: number, role: string, from: readonly string[]): FairwayError {
  const who = refusal === 'role-not-asked' ? `The role ${role}` : 'Whoever asks';
  return new FairwayError(`approval-${refusal}`, `${who} ${refusals[refusal]} (promotion ${id}).`, {
    remedy: `It takes somebody else of ${from.join(', ')}.`,
  });
}

/**
 * Refuses a promotion; automation does not try that release there again.
 * @throws FairwayError `promotion-not-found`, `promotion-not-waiting`
 */
export function rejectPromotion(context: PromotionContext, command: PromotionCommand): Promise<PromotionRow> {
  return change(context, command, async (transaction, row) => {
    if (row.state === 'rejected') return;
    requireWaiting(row);
    const { actor, role, reason } = command;
    const at = new Date(context.now());
    await transaction
      .updateTable('approvals')
      .set({ voided_at: at, voided_reason: 'rejected instead' })
      .where('promotion', '=', row.id)
      .where('actor', '=', actor)
      .where('voided_at', 'is', null)
      .execute();
    const word = {
      promotion: row.id,
      actor,
      role,
      decision: 'reject',
      plan_digest: row.plan_digest ?? '',
      reason,
      at,
    } as const;
    await transaction.insertInto('approvals').values(word).execute();
    await endPromotion(transaction, row.id, 'rejected', reason ?? `rejected by ${actor}`, context.now(), actor);
  });
}

/**
 * Gives a promotion up before it rolls out. What its pin says already, it goes on saying; what is settled stays.
 * @throws FairwayError `promotion-not-found`, `promotion-ended`, `promotion-rolling-out`
 */
export function abortPromotion(context: PromotionContext, command: PromotionCommand): Promise<PromotionRow> {
  return change(context, command, async (transaction, row) => {
    const { id, state, rollout } = row;
    if (state === 'aborted') return;
    if (state === 'rolling-out') {
      throw new FairwayError('promotion-rolling-out', `Promotion ${id} rolls out already.`, {
        remedy: `Abort its rollout: fairway rollout abort ${rollout}`,
      });
    }
    if (row.ended_at !== null) throw ended(row);
    const reason = command.reason ?? `aborted by ${command.actor}`;
    await endPromotion(transaction, id, 'aborted', reason, context.now(), command.actor);
  });
}

/**
 * Opens a gate of a promotion by force (P1, P4). Opening the gate `rollout` replaces the rollout that is under way (R2).
 * A window is opened after its gates too, for it holds back waves.
 * @throws FairwayError `promotion-not-found`, `promotion-not-waiting`, `promotion-ended`, `gate-unknown`,
 * `override-reason-missing`, `override-forbidden`, `override-pointless`
 */
export async function overrideGate(
  context: Pick<PromotionContext, 'db' | 'loops' | 'now'>,
  command: PromotionCommand & { readonly gate: OverridableGate },
): Promise<PromotionRow> {
  const row = await change(context, command, async (transaction, before, environment) => {
    if (command.gate !== 'window' || before.ended_at !== null) requireWaiting(before);
    const windows = await windowsBefore(transaction, before, environment);
    await writeOverride(transaction, before, checkOverride(windows, command, context.now()), command.actor);
  });
  if (row.rollout !== null) await context.loops.wake('rollout', String(row.rollout));
  return row;
}

/** The windows that a promotion goes through: its environment's, and of a rollout those that it began with (R1). */
async function windowsBefore(
  transaction: Transaction<Schema>,
  { rollout }: PromotionRow,
  { windows }: EnvironmentFacts,
): Promise<readonly NamedWindow[]> {
  if (rollout === null) return windows;
  const { strategy } = await transaction
    .selectFrom('rollouts')
    .select('strategy')
    .where('id', '=', rollout)
    .executeTakeFirstOrThrow();
  return loadNamedWindows(transaction, strategy.windows);
}

async function change(
  context: Pick<PromotionContext, 'db' | 'loops'>,
  { promotion }: PromotionCommand,
  work: (transaction: Transaction<Schema>, row: PromotionRow, environment: EnvironmentFacts) => Promise<void>,
): Promise<PromotionRow> {
  const { row, others } = await inTransaction(context.db, async (transaction) => {
    const { application } = await load(transaction, promotion);
    await lockPromotions(transaction, application);
    const before = await load(transaction, promotion);
    const world = await loadPromotionWorld(transaction, application, nothingLooked());
    const environment = world?.environments.get(before.environment);
    if (environment === undefined) {
      throw new FairwayError('environment-not-found', `There is no environment ${before.environment} any more.`);
    }
    await work(transaction, before, environment);
    const after = await load(transaction, promotion);
    return { row: after, others: await othersOfSet(transaction, after) };
  });
  await Promise.all([row.application, ...others].map((application) => context.loops.wake('promotion', application)));
  return row;
}

async function load(transaction: Transaction<Schema>, id: number): Promise<PromotionRow> {
  const row = await transaction.selectFrom('promotions').selectAll().where('id', '=', id).executeTakeFirst();
  if (row !== undefined) return row;
  throw new FairwayError('promotion-not-found', `There is no promotion ${id}.`, { field: 'promotion' });
}

function requireWaiting(row: PromotionRow): void {
  if (row.state === 'waiting') return;
  if (row.ended_at !== null) throw ended(row);
  throw new FairwayError('promotion-not-waiting', `Promotion ${row.id} is ${row.state}: its gates are behind it.`);
}

function ended({ id, state }: PromotionRow): FairwayError {
  return new FairwayError('promotion-ended', `Promotion ${id} has ended: it is ${state}.`);
}
