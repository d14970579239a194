import { type Kysely, type Selectable, sql } from 'kysely';
import type {
  RolloutCluster,
  RolloutClusterQuery,
  RolloutDetail,
  RolloutStep,
  Wave,
} from '../../../proto/rest/rollouts.ts';
import { readUnavailable } from '../../rollouts/unavailable.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';
import { type CountedMembers, countMembers, noMembers } from './counts.ts';
import { describeRollouts, type RolloutRow } from './views.ts';

/** Clusters in trouble that are named where one rollout is shown. */
const troubled = { after: null, limit: 20 } as const;

/** One rollout with its waves, its budget, and the clusters that keep it. */
export async function describeRollout(db: Kysely<Schema>, row: RolloutRow): Promise<RolloutDetail> {
  const { strategy } = row;
  const [[rollout], waves, counts, unavailable, inTrouble] = await Promise.all([
    describeRollouts(db, [row]),
    db.selectFrom('rollout_waves').selectAll().where('rollout', '=', row.id).orderBy('position').execute(),
    countMembers(db, [row.id]),
    readUnavailable(db, row.environment, null),
    listMembers(db, row.id, { states: ['failed', 'ill', 'due', 'returning'] }, troubled),
  ]);
  if (rollout === undefined) throw new Error('one row makes one rollout');
  return {
    ...rollout,
    waves: waves.map((wave) => describeWave(row, wave, counts.get(row.id))),
    budget: { maximum: strategy.maxUnavailable, used: unavailable.size },
    failures: { count: rollout.clusters.failed, threshold: strategy.failureThreshold },
    strategy: {
      progressDeadlineSeconds: Math.round(strategy.progressDeadline / 1000),
      onFailure: strategy.onFailure,
      unreachable: strategy.unreachable,
      windows: [...strategy.windows],
    },
    troubled: inTrouble,
  };
}

function describeWave(
  { strategy }: RolloutRow,
  wave: Selectable<Schema['rollout_waves']>,
  counts: CountedMembers | undefined,
): Wave {
  const rule = strategy.waves[wave.position];
  return {
    position: wave.position + 1,
    name: wave.name,
    state: wave.state,
    clusters: counts?.waves.get(wave.position) ?? noMembers,
    maxConcurrent: rule?.maxConcurrent ?? null,
    soakSeconds: Math.round((rule?.soak ?? 0) / 1000),
    needsApproval: rule?.approval ?? false,
    approvedBy: wave.approved_by,
    approvedAt: timeTextOrNull(wave.approved_at),
    startedAt: timeTextOrNull(wave.started_at),
    healthySince: timeTextOrNull(wave.healthy_since),
    endedAt: timeTextOrNull(wave.ended_at),
  };
}

interface MemberFilters extends RolloutClusterQuery {
  readonly states?: readonly RolloutCluster['state'][];
}

/** The clusters of a rollout, by wave and name. */
export async function listMembers(
  db: Kysely<Schema>,
  rollout: number,
  { state, states, wave }: MemberFilters,
  { after, limit }: Slice,
): Promise<RolloutCluster[]> {
  let rows = db
    .selectFrom('rollout_clusters')
    .selectAll()
    .where('rollout', '=', rollout)
    .orderBy('wave')
    .orderBy('cluster')
    .limit(limit);
  if (after !== null) rows = rows.where(sql<boolean>`(wave, cluster) > (${after[0]}::int, ${after[1]}::text)`);
  if (state !== undefined) rows = rows.where('state', '=', state);
  if (states !== undefined) rows = rows.where('state', 'in', states);
  if (wave !== undefined) rows = rows.where('wave', '=', wave - 1);
  return (await rows.execute()).map(describeMember);
}

/** What `listMembers` orders by. */
export function memberKey({ wave, cluster }: RolloutCluster): [number, string] {
  return [wave - 1, cluster];
}

/** Every state with something still to come says why, since when and until when (R5). */
const waiting: ReadonlySet<RolloutCluster['state']> = new Set(['due', 'updating', 'ill', 'returning']);

function describeMember(row: Selectable<Schema['rollout_clusters']>): RolloutCluster {
  const reason = row.state_reason ?? reasons[row.state] ?? row.state;
  const since = timeText(row.state_since);
  return {
    cluster: row.cluster,
    wave: row.wave + 1,
    state: row.state,
    wait: waiting.has(row.state) ? { reason, since, deadline: timeTextOrNull(row.deadline) } : null,
    stateReason: row.state_reason,
    stateSince: since,
    illBefore: row.ill_before,
    assignedAt: timeTextOrNull(row.assigned_at),
    handedOutAt: timeTextOrNull(row.handed_out_at),
    attempts: row.attempts,
  };
}

const reasons: Partial<Record<RolloutCluster['state'], string>> = {
  due: 'it waits for a place in the budget',
  updating: 'it is to become healthy',
  ill: 'it is to become healthy again',
  returning: 'it goes back to what was settled',
};

/** The steps that a rollout took, the newest first. */
export async function listSteps(db: Kysely<Schema>, rollout: number, { after, limit }: Slice): Promise<RolloutStep[]> {
  let rows = db
    .selectFrom('rollout_history')
    .selectAll()
    .where('rollout', '=', rollout)
    .orderBy('id', 'desc')
    .limit(limit);
  if (after !== null) rows = rows.where('id', '<', Number(after[0]));
  return (await rows.execute()).map(({ id, at, generation, event, wave, cluster, detail }) => ({
    ...{ id, at: timeText(at), generation, event, wave: wave === null ? null : wave + 1, cluster, detail },
  }));
}
