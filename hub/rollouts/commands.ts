import { type RolloutEvent, react } from '../../core/rollout/react.ts';
import { record } from '../audit/ledger.ts';
import { inTransaction } from '../store/transaction.ts';
import { applyChange, carryOut } from './apply.ts';
import { assignAgain } from './assign-again.ts';
import type { RolloutContext } from './context.ts';
import { lockRollout } from './load.ts';
import type { RolloutRow } from './rows.ts';

/** The commands on rollouts. Each is one transaction with its ledger row (U1); asking twice is asking once (R7). */

export interface RolloutCommand {
  readonly rollout: number;
  /** As the ledger names them: `user:lead@example.com`, `token:ci`. */
  readonly actor: string;
  readonly reason: string | null;
}

/** Starts nothing new; what is in flight may end. @throws FairwayError `rollout-not-found`, `rollout-ended`, `rollout-returning` */
export function pauseRollout(context: RolloutContext, command: RolloutCommand): Promise<RolloutRow> {
  return tell(context, command, { type: 'pause', by: command.actor, reason: command.reason });
}

/**
 * Lets a paused rollout go on, without the clusters that have failed.
 * @throws FairwayError `rollout-not-found`, `rollout-ended`, `rollout-returning`
 */
export function resumeRollout(context: RolloutContext, command: RolloutCommand): Promise<RolloutRow> {
  return tell(context, command, { type: 'resume', by: command.actor });
}

/** Ends it where it is: each cluster runs on what it runs. @throws FairwayError `rollout-not-found`, `rollout-ended` */
export function abortRollout(context: RolloutContext, command: RolloutCommand): Promise<RolloutRow> {
  return tell(context, command, { type: 'abort', by: command.actor, reason: command.reason });
}

/**
 * Tries clusters again; their agents do so at once.
 * @param command.clusters that failed or were skipped; null: all that have failed
 * @throws FairwayError `rollout-not-found`, `rollout-ended`, `rollout-returning`, `rollout-cluster-unknown`, `rollout-nothing-to-retry`
 */
export function retryRollout(
  context: RolloutContext,
  command: RolloutCommand & { readonly clusters: readonly string[] | null },
): Promise<RolloutRow> {
  return tell(context, command, { type: 'retry', by: command.actor, clusters: command.clusters });
}

/**
 * Goes on without a cluster, which catches up once the release is settled.
 * @throws FairwayError `rollout-not-found`, `rollout-ended`, `rollout-returning`, `rollout-cluster-unknown`, `rollout-cluster-not-skippable`
 */
export function skipCluster(
  context: RolloutContext,
  command: RolloutCommand & { readonly cluster: string },
): Promise<RolloutRow> {
  return tell(context, command, { type: 'skip', by: command.actor, cluster: command.cluster, reason: command.reason });
}

/**
 * Opens the gate of a wave.
 * @param command.wave its name; null: the one under way
 * @throws FairwayError `rollout-not-found`, `rollout-ended`, `rollout-returning`, `wave-not-found`, `wave-needs-no-approval`
 */
export function approveWave(
  context: RolloutContext,
  command: RolloutCommand & { readonly wave: string | null },
): Promise<RolloutRow> {
  return tell(context, command, { type: 'approve', by: command.actor, wave: command.wave });
}

/**
 * Gives the clusters that were moved back what was settled, at once and through no gate (R6).
 * @throws FairwayError `rollout-not-found`, `rollout-ended`, `rollout-irreversible`
 */
export function rollBackRollout(context: RolloutContext, command: RolloutCommand): Promise<RolloutRow> {
  return tell(context, command, { type: 'roll-back', by: command.actor, reason: command.reason });
}

async function tell(
  context: RolloutContext,
  { rollout: id, actor, reason }: RolloutCommand,
  event: RolloutEvent,
): Promise<RolloutRow> {
  const now = context.now();
  const told = await inTransaction(context.db, async (transaction) => {
    const loaded = await lockRollout(transaction, id);
    const { row, rollout } = loaded;
    const after = react(rollout, event, now);
    const change = { after, actor, observed: { elsewhere: new Set<string>() }, wakeAt: now };
    const effects = await applyChange(transaction, loaded, change, now);
    if (event.type === 'retry') await assignAgain(transaction, row, rollout, after);
    if (after !== rollout && after.progress.state === rollout.progress.state && event.type !== 'approve') {
      const { environment, application, release } = row;
      const about = { environment, application, release, detail: { ...event, reason } };
      await record(transaction, [{ actor, action: `rollout.${event.type}`, subject: `rollout/${id}`, ...about }]);
    }
    const changed = await transaction.selectFrom('rollouts').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    return { row: changed, effects };
  });
  await carryOut(context, told.row, told.effects);
  await context.loops.wake('rollout', String(id));
  return told.row;
}
