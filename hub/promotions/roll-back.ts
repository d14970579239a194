import type { Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { EnvironmentFacts, PromotionWorld, ReleaseFacts } from '../../core/promotion/world.ts';
import { rollBackRollout } from '../rollouts/commands.ts';
import type { RolloutContext } from '../rollouts/context.ts';
import type { Schema } from '../store/schema.ts';
import { inTransaction } from '../store/transaction.ts';
import { startPromotedRollout, type Wakes } from './apply.ts';
import type { PromotionContext } from './context.ts';
import { nothingLooked } from './look.ts';
import { openPromotion } from './open.ts';
import { endPromotion, lockPromotions, type PromotionRow } from './records.ts';
import { loadPromotionWorld } from './world.ts';

export interface RollBack {
  readonly environment: string;
  readonly application: string;
  /** The id of a release that settled there once; null: the last other one, or what a rollout began from. */
  readonly to: string | null;
  /** As the ledger names them. */
  readonly actor: string;
  readonly reason: string | null;
}

/**
 * Takes an environment back, through no gate (R6). A rollout that is under way gives its clusters back what is settled;
 * otherwise they all return to the last other release that settled there, or to the one that is named. Once they have,
 * a commit writes the pin, and holds it.
 * @returns the promotion that goes back, or whose rollout does
 * @throws FairwayError `environment-not-found`, `application-not-found`, `rollback-nowhere`, `rollback-unsettled`,
 * `rollback-pointless`, and those of `rollBackRollout`
 */
export async function rollBack(context: PromotionContext & RolloutContext, command: RollBack): Promise<PromotionRow> {
  const { environment, application, to, actor, reason } = command;
  const wakes: Wakes = { rollouts: new Set(), applications: new Set() };
  const outcome = await inTransaction(context.db, async (transaction) => {
    await lockPromotions(transaction, application);
    const { world, facts } = await loadFacts(transaction, command);
    const settled = facts.settlements.find(({ inForce }) => inForce)?.release ?? null;
    if (facts.rolling !== null && (to === null || to === settled)) return { rolling: facts.rolling };
    const release = returnTo(world, facts, to);
    const now = context.now();
    const why = `${actor} rolls back to ${release.id}`;
    if (facts.requested !== null) await endPromotion(transaction, facts.requested.id, 'superseded', why, now, actor);
    const row = await openPromotion(transaction, {
      ...{ environment, application, kind: 'rollback', origin: 'rollback', state: 'waiting', release: release.id },
      target: { source: release.source, revision: release.commit },
      requestedBy: actor,
      reason,
      pinBefore: facts.pin?.spec.revision ?? null,
      previous: settled,
      traceparent: null,
    });
    await startPromotedRollout(transaction, row.id, facts.rolling?.id ?? null, wakes, now);
    return { row };
  });
  if ('rolling' in outcome) {
    const { id, rollout } = outcome.rolling;
    await rollBackRollout(context, { rollout: rollout.id, actor, reason });
    await context.loops.wake('promotion', application);
    return rowOf(context, id);
  }
  await Promise.all([...wakes.rollouts].map((rollout) => context.loops.wake('rollout', String(rollout))));
  await context.loops.wake('promotion', application);
  return rowOf(context, outcome.row.id);
}

async function loadFacts(
  transaction: Transaction<Schema>,
  { environment, application, to }: RollBack,
): Promise<{ readonly world: PromotionWorld; readonly facts: EnvironmentFacts }> {
  const asked = { releases: to === null ? [] : [to], commits: [] };
  const world = await loadPromotionWorld(transaction, application, nothingLooked(), asked);
  if (world === null) throw missing('application', application);
  const facts = world.environments.get(environment);
  if (facts === undefined) throw missing('environment', environment);
  return { world, facts };
}

function returnTo(
  { releases }: PromotionWorld,
  { name, settlements }: EnvironmentFacts,
  to: string | null,
): ReleaseFacts {
  const inForce = settlements.find((settlement) => settlement.inForce)?.release ?? null;
  const chosen = to ?? settlements.find(({ release }) => release !== inForce)?.release ?? null;
  const release = releases.get(chosen ?? '');
  if (release === undefined) {
    throw new FairwayError('rollback-nowhere', `Nothing else has settled in ${name} that could be gone back to.`, {
      field: 'to',
    });
  }
  if (release.id === inForce) {
    throw new FairwayError('rollback-pointless', `${release.id} is what is settled in ${name}.`, { field: 'to' });
  }
  if (!settlements.some((settlement) => settlement.release === release.id)) {
    throw new FairwayError('rollback-unsettled', `${release.id} has never settled in ${name}.`, {
      field: 'to',
      remedy: 'Promote it there, or name one that has.',
    });
  }
  return release;
}

function missing(field: 'application' | 'environment', name: string): FairwayError {
  return new FairwayError(`${field}-not-found`, `There is no ${field} ${JSON.stringify(name)}.`, { field });
}

function rowOf({ db }: PromotionContext, id: number): Promise<PromotionRow> {
  return db.selectFrom('promotions').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}
