import type { Transaction } from 'kysely';
import { effectsOf } from '../../core/rollout/effects.ts';
import { stepsBetween } from '../../core/rollout/steps.ts';
import type { Effect, Observed, Rollout } from '../../core/rollout/types.ts';
import { withdrawPruneApprovals } from '../fleet/withdraw-prune.ts';
import type { Schema } from '../store/schema.ts';
import { announce } from './announce.ts';
import type { RolloutContext } from './context.ts';
import type { LoadedRollout } from './load.ts';
import { readRuns } from './read-runs.ts';
import { saveRollout } from './save.ts';
import { settle } from './settle.ts';

/** What a rollout has become, and who made it so. */
export interface Change {
  readonly after: Rollout;
  /** `hub`, or the person whose word it was. */
  readonly actor: string;
  /** Other rollouts of the environment, where the change gives turns. */
  readonly observed: Pick<Observed, 'elsewhere'>;
  readonly wakeAt: number | null;
}

/**
 * Writes a change whole: the rows, the history, what is settled by it, its ledger rows and what screens show.
 * @returns what is to be carried out once that stands; nothing where nothing has changed
 */
export async function applyChange(
  transaction: Transaction<Schema>,
  { row, rollout }: LoadedRollout,
  { after, actor, observed, wakeAt }: Change,
  now: number,
): Promise<readonly Effect[]> {
  const effects = effectsOf(rollout, after);
  if (after === rollout) return effects;
  const steps = stepsBetween(rollout, after, observed);
  await saveRollout(transaction, row.id, rollout, after, steps, wakeAt, now);
  if (effects.some(({ type }) => type === 'settle')) await settle(transaction, row, now);
  // The word on what it may delete was for this once (A6): nobody finds it on the next try.
  if (isGivenUp(rollout, after)) await withdrawPruneApprovals(transaction, row, { on: row.release });
  const isAborted = after.progress.state === 'aborted' && rollout.progress.state !== 'aborted';
  await announce(transaction, row, steps, actor, now, isAborted ? { runs: await readRuns(transaction, row) } : {});
  return effects;
}

/** True where it came to leave its release behind: for what was settled, for another, or unfinished. */
function isGivenUp(before: Rollout, after: Rollout): boolean {
  const { state } = after.progress;
  return state !== before.progress.state && state !== 'running' && state !== 'paused' && state !== 'completed';
}

/** Carries out what a change asks for; none of it matters to what is true, for each is found by a sweep (R9). */
export async function carryOut(
  { db, loops, handOuts }: Pick<RolloutContext, 'db' | 'loops' | 'handOuts'>,
  { id, environment, application }: Pick<LoadedRollout['row'], 'id' | 'environment' | 'application'>,
  effects: readonly Effect[],
): Promise<void> {
  for (const effect of effects) {
    switch (effect.type) {
      case 'hand-out':
        await handOuts.start({ rollout: id, generation: effect.generation, clusters: effect.clusters });
        break;
      case 'place':
        await loops.wake('placement', application);
        break;
      case 'report':
        await loops.wake('promotion', application);
        break;
      case 'free': {
        const waiting = await db
          .selectFrom('rollouts')
          .select('id')
          .where('environment', '=', environment)
          .where('ended_at', 'is', null)
          .where('id', '!=', id)
          .execute();
        await Promise.all(waiting.map((other) => loops.wake('rollout', String(other.id))));
        break;
      }
      case 'settle':
        break;
    }
  }
}
