import { sql, type Transaction } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import { isActive } from '../../core/rollout/active.ts';
import type { Step } from '../../core/rollout/steps.ts';
import type { Progress, Rollout } from '../../core/rollout/types.ts';
import type { Schema } from '../store/schema.ts';
import { memberRecord, waveRecord } from './rows.ts';

/**
 * Writes what has changed of a rollout, each part in one statement for any number of rows, and its steps. A write that
 * was decided on an older generation than is stored is refused (R9, R11).
 * @param id of its row, which the transaction has locked
 * @throws FairwayError `rollout-moved`
 */
export async function saveRollout(
  transaction: Transaction<Schema>,
  id: number,
  before: Rollout,
  after: Rollout,
  steps: readonly Step[],
  wakeAt: number | null,
  now: number,
): Promise<void> {
  const { progress, wait, wave, previous } = after;
  const generation = before.generation + 1;
  const { numUpdatedRows } = await transaction
    .updateTable('rollouts')
    .set({
      ...{ wave, previous, generation },
      state: progress.state,
      state_reason: 'reason' in progress ? progress.reason : null,
      state_since: new Date(progress.since),
      paused_by: progress.state === 'paused' ? progress.by : null,
      rolled_back_by: isGoingBack(progress) ? progress.by : null,
      wait: wait === null ? null : JSON.stringify(wait),
      wake_at: wakeAt === null ? null : new Date(wakeAt),
      ended_at: isActive(after) ? null : new Date(progress.since),
    })
    .where('id', '=', id)
    .where('generation', '=', before.generation)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) {
    throw new FairwayError('rollout-moved', `Rollout ${id} was decided on meanwhile.`, { retry: 'again' });
  }
  await writeWaves(transaction, id, before, after);
  await writeMembers(transaction, id, before, after);
  await writeHistory(transaction, id, generation, steps, now);
}

function isGoingBack(progress: Progress): progress is Extract<Progress, { state: 'rolling-back' | 'rolled-back' }> {
  return progress.state === 'rolling-back' || progress.state === 'rolled-back';
}

/** @param before null: all are new */
export async function writeWaves(
  transaction: Transaction<Schema>,
  id: number,
  before: Rollout | null,
  { waves, strategy }: Rollout,
): Promise<void> {
  const records = waves.flatMap((wave, position) =>
    wave === before?.waves[position] ? [] : [waveRecord(wave, position, strategy.waves[position]?.name ?? '')],
  );
  if (records.length === 0) return;
  await sql`
    insert into rollout_waves (rollout, position, name, state, started_at, healthy_since, ended_at, approved_by, approved_at)
    select ${id}, r.* from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as r
      (position integer, name text, state text, started_at timestamptz, healthy_since timestamptz, ended_at timestamptz,
       approved_by text, approved_at timestamptz)
    on conflict (rollout, position) do update set state = excluded.state, started_at = excluded.started_at,
      healthy_since = excluded.healthy_since, ended_at = excluded.ended_at, approved_by = excluded.approved_by,
      approved_at = excluded.approved_at`.execute(transaction);
}

/** @param before null: all are new */
export async function writeMembers(
  transaction: Transaction<Schema>,
  id: number,
  before: Rollout | null,
  { members }: Rollout,
): Promise<void> {
  const records = [...members].flatMap(([name, member]) =>
    member === before?.members.get(name) ? [] : [memberRecord(name, member)],
  );
  if (records.length === 0) return;
  await sql`
    insert into rollout_clusters (rollout, cluster, wave, state, state_reason, state_since, ill_before, assigned_at,
      assigned_by, handed_out_at, given_back, deadline, attempts)
    select ${id}, r.* from jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as r
      (cluster text, wave integer, state text, state_reason text, state_since timestamptz, ill_before boolean,
       assigned_at timestamptz, assigned_by bigint, handed_out_at timestamptz, given_back boolean, deadline timestamptz,
       attempts integer)
    on conflict (rollout, cluster) do update set wave = excluded.wave, state = excluded.state,
      state_reason = excluded.state_reason, state_since = excluded.state_since, assigned_at = excluded.assigned_at,
      assigned_by = excluded.assigned_by, handed_out_at = excluded.handed_out_at, given_back = excluded.given_back,
      deadline = excluded.deadline, attempts = excluded.attempts`.execute(transaction);
}

async function writeHistory(
  transaction: Transaction<Schema>,
  id: number,
  generation: number,
  steps: readonly Step[],
  now: number,
): Promise<void> {
  if (steps.length === 0) return;
  await sql`
    insert into rollout_history (rollout, generation, at, wave, cluster, event, detail)
    select ${id}, ${generation}, ${new Date(now)}, r.*
    from jsonb_to_recordset(${JSON.stringify(steps)}::jsonb) as r
      (wave integer, cluster text, event text, detail jsonb)`.execute(transaction);
}
