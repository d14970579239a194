import type { Selectable } from 'kysely';
import { turnOf } from '../../core/rollout/turn.ts';
import type { Member, MemberProgress, Progress, Rollout, Turn, Wave, WaveProgress } from '../../core/rollout/types.ts';
import type { Schema } from '../store/schema.ts';

/** A rollout as it is stored, and as it is decided on. */

export type RolloutRow = Selectable<Schema['rollouts']>;
type WaveRow = Selectable<Schema['rollout_waves']>;
type MemberRow = Selectable<Schema['rollout_clusters']>;

/** @param waves in the order of their positions */
export function toRollout(row: RolloutRow, waves: readonly WaveRow[], members: readonly MemberRow[]): Rollout {
  const { kind, release, previous, strategy, wave, generation, wait } = row;
  return {
    ...{ kind, release, previous, strategy, wave, generation, wait },
    progress: toProgress(row),
    waves: waves.map(toWave),
    members: new Map(members.map((member) => [member.cluster, toMember(member)])),
  };
}

function toProgress({ state, state_since, state_reason, paused_by, rolled_back_by }: RolloutRow): Progress {
  const since = state_since.getTime();
  switch (state) {
    case 'running':
      return { state, since };
    case 'paused':
      return { state, since, by: paused_by ?? 'hub', reason: state_reason ?? '' };
    case 'rolling-back':
    case 'rolled-back':
      return { state, since, by: rolled_back_by ?? 'hub', reason: state_reason ?? 'rolled back' };
    case 'completed':
    case 'aborted':
    case 'superseded':
      return { state, since, reason: state_reason };
  }
}

function toWave(row: WaveRow): Wave {
  const approval =
    row.approved_by === null || row.approved_at === null
      ? null
      : { by: row.approved_by, at: row.approved_at.getTime() };
  return { progress: toWaveProgress(row), approval };
}

function toWaveProgress({ state, started_at, healthy_since, ended_at }: WaveRow): WaveProgress {
  switch (state) {
    case 'pending':
    case 'waiting':
      return { state };
    case 'rolling':
      return { state, startedAt: timeOf(started_at) };
    case 'soaking':
      return { state, startedAt: timeOf(started_at), healthySince: timeOf(healthy_since) };
    case 'done':
      return { state, startedAt: started_at?.getTime() ?? null, endedAt: timeOf(ended_at) };
  }
}

function toMember(row: MemberRow): Member {
  const { wave, ill_before: illBefore, state_since, state_reason: reason, attempts } = row;
  return { wave, illBefore, since: state_since.getTime(), reason, attempts, ...toMemberProgress(row) };
}

function toMemberProgress(row: MemberRow): MemberProgress {
  const { state } = row;
  switch (state) {
    case 'pending':
      return { state };
    case 'due':
      return { state, deadline: row.deadline?.getTime() ?? null };
    case 'updating':
    case 'ill':
    case 'returning':
      return { state, turn: turnIn(row), deadline: timeOf(row.deadline) };
    case 'healthy':
    case 'returned':
      return { state, turn: turnIn(row) };
    case 'failed':
    case 'skipped':
    case 'left':
      return { state, turn: row.assigned_at === null ? null : turnIn(row) };
  }
}

function turnIn({ assigned_at, assigned_by, handed_out_at, given_back }: MemberRow): Turn {
  const handedOutAt = handed_out_at?.getTime() ?? null;
  return { at: timeOf(assigned_at), generation: assigned_by ?? 0, handedOutAt, back: given_back };
}

/** What is written with a state is there when it is read. */
function timeOf(date: Date | null): number {
  if (date === null) throw new Error('a row of a rollout lacks a time that its state has');
  return date.getTime();
}

/** A wave as a record of JSON, for a statement that writes any number of them. */
export function waveRecord({ progress, approval }: Wave, position: number, name: string) {
  return {
    ...{ position, name, state: progress.state },
    started_at: 'startedAt' in progress ? textOf(progress.startedAt) : null,
    healthy_since: 'healthySince' in progress ? textOf(progress.healthySince) : null,
    ended_at: 'endedAt' in progress ? textOf(progress.endedAt) : null,
    approved_by: approval?.by ?? null,
    approved_at: textOf(approval?.at ?? null),
  };
}

/** A member as a record of JSON. */
export function memberRecord(cluster: string, member: Member) {
  const turn = turnOf(member);
  return {
    ...{ cluster, wave: member.wave, state: member.state, state_reason: member.reason, attempts: member.attempts },
    state_since: textOf(member.since),
    ill_before: member.illBefore,
    assigned_at: textOf(turn?.at ?? null),
    assigned_by: turn?.generation ?? null,
    handed_out_at: textOf(turn?.handedOutAt ?? null),
    given_back: turn?.back ?? false,
    deadline: textOf('deadline' in member ? member.deadline : null),
  };
}

function textOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
