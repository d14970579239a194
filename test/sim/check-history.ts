import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../hub/store/schema.ts';

/** What the record of rollouts says against their rules, in words; empty: nothing (R3, R4, R11). */
export async function violations(db: Kysely<Schema>): Promise<string[]> {
  return [...(await budgetExceeded(db)), ...(await wavesOutOfOrder(db)), ...(await assignedTwice(db))];
}

/**
 * Replays every decision in its order, over all rollouts: after one that gave turns, no more clusters are unavailable
 * than may be (R3).
 */
async function budgetExceeded(db: Kysely<Schema>): Promise<string[]> {
  const rollouts = await db.selectFrom('rollouts').select(['id', 'environment', 'strategy']).execute();
  const limits = new Map(
    rollouts.map(({ id, environment, strategy }) => [id, { environment, limit: strategy.maxUnavailable }]),
  );
  const before = await db
    .selectFrom('rollout_clusters')
    .select(['rollout', 'cluster'])
    .where('ill_before', '=', true)
    .execute();
  const excused = new Set(before.map(({ rollout, cluster }) => `${rollout} ${cluster}`));
  const history = await db.selectFrom('rollout_history').selectAll().orderBy('id').execute();
  const decision = (row: { rollout: number; generation: number }) => `${row.rollout} ${row.generation}`;
  const gaveTurns = new Set(history.filter(({ event }) => event === 'cluster.updating').map(decision));
  const unavailable = new Set<string>();
  const found: string[] = [];
  for (const [index, { rollout, generation, cluster, event }] of history.entries()) {
    const { environment, limit } = limits.get(rollout) ?? { environment: '', limit: null };
    if (cluster !== null) {
      const key = `${environment} ${rollout} ${cluster}`;
      const isTaken = ['cluster.updating', 'cluster.ill', 'cluster.failed', 'cluster.returning'].includes(event);
      if (isTaken && !excused.has(`${rollout} ${cluster}`)) unavailable.add(key);
      else unavailable.delete(key);
    }
    const next = history[index + 1];
    if (next?.rollout === rollout && next.generation === generation) continue;
    const gave = gaveTurns.has(decision({ rollout, generation }));
    const clusters = new Set(
      [...unavailable].filter((key) => key.startsWith(`${environment} `)).map((key) => key.split(' ')[2]),
    );
    if (gave && limit !== null && clusters.size > limit) {
      found.push(`rollout ${rollout} generation ${generation}: ${clusters.size} of ${limit} clusters unavailable`);
    }
  }
  return found;
}

/** No cluster had its turn before every cluster of the waves before was healthy, or excused (R4). */
async function wavesOutOfOrder(db: Kysely<Schema>): Promise<string[]> {
  const history = await db
    .selectFrom('rollout_history')
    .select(['rollout', 'cluster', 'wave', 'event'])
    .where('cluster', 'is not', null)
    .orderBy('id')
    .execute();
  const all = await db.selectFrom('rollout_clusters').select(['rollout', 'cluster', 'wave']).execute();
  const members = Map.groupBy(all, (member) => member.rollout);
  const settled = new Set<string>();
  const found: string[] = [];
  for (const { rollout, cluster, wave, event } of history) {
    const key = `${rollout} ${cluster}`;
    if (event === 'cluster.updating') {
      const open = members
        .get(rollout)
        ?.find((member) => member.wave < (wave ?? 0) && !settled.has(`${rollout} ${member.cluster}`));
      if (open !== undefined)
        found.push(`rollout ${rollout}: ${cluster} of wave ${wave} came before ${open.cluster} was healthy`);
    } else if (['cluster.healthy', 'cluster.skipped', 'cluster.left'].includes(event)) settled.add(key);
  }
  return found;
}

/**
 * Each cluster had one turn in each rollout, unless one that was not handed out was taken back, and each release was
 * assigned to it once (R11).
 */
async function assignedTwice(db: Kysely<Schema>): Promise<string[]> {
  const turns = await sql<{ text: string }>`
    select format('rollout %s gave %s a turn after %s', rollout, cluster, before) as text from (
      select rollout, cluster, event, lag(event) over (partition by rollout, cluster order by id) as before
      from rollout_history where cluster is not null
    ) steps where event = 'cluster.updating' and before not in ('cluster.pending', 'cluster.due')`.execute(db);
  const assigned = await sql<{ text: string }>`
    select format('%s was assigned %s %s times', subject, release, count(*)) as text from ledger
    where action = 'placement.assign' group by subject, release having count(*) > 1`.execute(db);
  return [...turns.rows, ...assigned.rows].map(({ text }) => text);
}
