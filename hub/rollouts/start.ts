import { sql, type Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { MoveKind } from '../../core/promotion/types.ts';
import { begin } from '../../core/rollout/begin.ts';
import { react } from '../../core/rollout/react.ts';
import { isIllBefore } from '../../core/rollout/sighting.ts';
import { strategyOf } from '../../core/rollout/strategy.ts';
import type { Rollout } from '../../core/rollout/types.ts';
import { record } from '../audit/ledger.ts';
import { writePruneApproval } from '../fleet/approve-prune.ts';
import type { Schema } from '../store/schema.ts';
import { announce } from './announce.ts';
import { applyChange } from './apply.ts';
import { silence } from './context.ts';
import { lockRollout } from './load.ts';
import { seeMembers } from './members.ts';
import { writeMembers, writeWaves } from './save.ts';

export interface StartRollout {
  readonly environment: string;
  readonly application: string;
  /** What it was started for; null: nothing. */
  readonly promotion: number | null;
  readonly kind: MoveKind;
  /** Of a removal: the one that is taken away. */
  readonly release: string;
  readonly startedBy: string;
  readonly traceparent: string | null;
  /** Takes the place of one that is active; without it that one is left to end (R2). */
  readonly supersede: boolean;
}

/**
 * Starts a rollout with a snapshot of its release, strategy and clusters (R1), in the transaction of what it is started
 * for. Wake the `rollout` loop with its id once that stands.
 * @returns its id
 * @throws FairwayError `rollout-active`, `environment-not-found`
 */
export async function startRollout(transaction: Transaction<Schema>, request: StartRollout): Promise<number> {
  const { environment, application, promotion, kind, release, startedBy: actor, traceparent } = request;
  const now = await timeOf(transaction);
  const replaced = await supersedeActive(transaction, request, now);
  const rollout = await takeSnapshot(transaction, request, replaced, now);
  const { previous, strategy, generation } = rollout;
  const { id } = await transaction
    .insertInto('rollouts')
    .values({
      ...{ environment, application, promotion, kind, release, previous, generation, traceparent, started_by: actor },
      strategy: JSON.stringify(strategy),
      state: rollout.progress.state,
      created_at: new Date(now),
      state_since: new Date(now),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await writeWaves(transaction, id, null, rollout);
  await writeMembers(transaction, id, null, rollout);
  const about = { environment, application, release };
  const detail = { promotion, kind, previous, clusters: rollout.members.size };
  await record(transaction, [{ actor, action: 'rollout.start', subject: `rollout/${id}`, ...about, detail }]);
  const started = { event: 'rollout.started', wave: null, cluster: null, detail: {} };
  await announce(transaction, { id, ...about, strategy }, [started], actor, now);
  if (kind === 'removal') {
    const word = { ...about, actor, promotion: promotion === null ? null : String(promotion) };
    await writePruneApproval(transaction, word, null);
  }
  return id;
}

async function timeOf(transaction: Transaction<Schema>): Promise<number> {
  const { rows } = await sql<{
    now: number;
  }>`select extract(epoch from clock_timestamp())::float8 * 1000 as now`.execute(transaction);
  return Math.floor(rows[0]?.now ?? 0);
}

/** @returns the rollout that gives way, as it was; null: none was under way */
async function supersedeActive(
  transaction: Transaction<Schema>,
  { environment, application, release, startedBy, supersede }: StartRollout,
  now: number,
): Promise<Rollout | null> {
  const active = await transaction
    .selectFrom('rollouts')
    .select('id')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (active === undefined) return null;
  if (!supersede) {
    throw new FairwayError('rollout-active', `Rollout ${active.id} of ${application} in ${environment} is under way.`, {
      remedy: 'Wait until it has ended, or abort it.',
      retry: 'again',
    });
  }
  const loaded = await lockRollout(transaction, active.id);
  const event = { type: 'supersede', by: startedBy, reason: `${release} goes in its place` } as const;
  const after = react(loaded.rollout, event, now);
  const change = { after, actor: startedBy, observed: { elsewhere: new Set<string>() }, wakeAt: null };
  await applyChange(transaction, loaded, change, now);
  return loaded.rollout;
}

async function takeSnapshot(
  transaction: Transaction<Schema>,
  { environment, application, kind, release }: StartRollout,
  replaced: Rollout | null,
  now: number,
): Promise<Rollout> {
  const { spec } = await transaction
    .selectFrom('releases')
    .select('spec')
    .where('id', '=', release)
    .executeTakeFirstOrThrow();
  const removedFrom = kind === 'removal' ? [] : null;
  const question = { environment, application, spec: spec as ApplicationSpec, silence, removedFrom };
  const seen = await seeMembers(transaction, question);
  if (seen === null) {
    throw new FairwayError('environment-not-found', `There is no environment ${environment}.`, {
      field: 'environment',
    });
  }
  const settled = await transaction
    .selectFrom('settlements')
    .select('release')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('superseded_at', 'is', null)
    .executeTakeFirst();
  const clusters = seen.members.map((facts) => ({
    ...facts,
    illBefore: isIllBefore(facts, now, replaced?.members.get(facts.name)),
  }));
  const chosen = strategyOf(seen.spec, kind, clusters.length);
  return begin({ kind, release, previous: settled?.release ?? null, chosen, clusters }, now);
}
