import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import { type Kysely, sql } from 'kysely';
import type { Schema } from '../store/schema.ts';

/** Milliseconds for which what was counted is told again: however many scrape, the database counts once. */
const freshness = 5_000;

/**
 * What stands in the database, counted when it is asked for. Every replica tells the same, so nobody adds them up. By
 * environment at the most: a series for each cluster or application would grow with the fleet.
 */
export function measureFleet(meter: Meter, db: Kysely<Schema>): void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const clusters = gauge(
    'fairway_hub_clusters',
    'Clusters: registered (never joined), connected, silent (joined, not connected), revoked',
  );
  const silence = gauge('fairway_hub_cluster_silence_seconds', 'How long the longest silent cluster has been silent');
  const placements = gauge('fairway_hub_placements', 'Placements in force, by environment, phase and health');
  const unsettled = gauge(
    'fairway_hub_placement_unsettled_seconds',
    'How long the longest placement of a connected cluster does not run what it is assigned, by environment',
  );
  const sources = gauge('fairway_hub_sources', 'Sources: ok, unreachable, rewritten (a head that is not followed)');
  const checkAge = gauge('fairway_hub_source_check_age_seconds', 'Time since the longest unread source was last read');
  const drifts = gauge('fairway_hub_standing_drifts', 'Drifts that stand: open, fought');
  const problems = gauge('fairway_hub_problems', 'Problems that people are told of, by severity');
  const count = remembering(() => countFleet(db));

  meter.addBatchObservableCallback(
    async (result: BatchObservableResult) => {
      const counted = await count();
      for (const row of counted.clusters) result.observe(clusters, row.count, { state: row.state });
      result.observe(silence, Math.max(0, ...counted.clusters.map((row) => row.silence)));
      for (const { environment, phase, health, ...row } of counted.placements) {
        result.observe(placements, row.count, { environment, phase, health });
      }
      for (const [environment, rows] of Map.groupBy(counted.placements, (row) => row.environment)) {
        result.observe(unsettled, Math.max(0, ...rows.map((row) => row.unsettled)), { environment });
      }
      for (const row of counted.sources) result.observe(sources, row.count, { state: row.state });
      result.observe(checkAge, Math.max(0, ...counted.sources.map((row) => row.age)));
      for (const row of counted.drifts) result.observe(drifts, row.count, { state: row.state });
      for (const row of counted.problems) result.observe(problems, row.count, { severity: row.severity });
    },
    [clusters, silence, placements, unsettled, sources, checkAge, drifts, problems],
  );
}

/** The last answer for as long as it is fresh, and one question for all who ask meanwhile. */
function remembering<T>(ask: () => Promise<T>): () => Promise<T> {
  let kept: { readonly answer: Promise<T>; readonly until: number } | null = null;
  return () => {
    if (kept !== null && performance.now() < kept.until) return kept.answer;
    const answer = ask();
    const mine = { answer, until: performance.now() + freshness };
    kept = mine;
    answer.catch(() => {
      if (kept === mine) kept = null;
    });
    return answer;
  };
}

async function countFleet(db: Kysely<Schema>) {
  const [clusters, placements, sources, drifts, problems] = await Promise.all([
    sql<{ state: string; count: number; silence: number }>`
      select s.state, count(c.name)::int as count,
        coalesce(max(extract(epoch from now() - coalesce(c.last_seen_at, c.joined_at))) filter (where s.state = 'silent'), 0)::float8
          as silence
      from (values ('registered'), ('connected'), ('silent'), ('revoked')) s (state)
      left join clusters c on s.state = case
        when c.state <> 'joined' then c.state when c.connected then 'connected' else 'silent' end
      group by 1`.execute(db),
    sql<{ environment: string; phase: string; health: string; count: number; unsettled: number }>`
      select p.environment, coalesce(p.phase, 'pending') as phase, coalesce(p.health, 'unknown') as health,
        count(*)::int as count,
        coalesce(max(extract(epoch from now() - p.assigned_at)) filter (where c.connected
          and (p.phase, p.running_release, p.running_bundle) is distinct from ('applied', p.release, p.bundle)), 0)::float8
          as unsettled
      from placements p join clusters c on c.name = p.cluster where p.state = 'active' group by 1, 2, 3`.execute(db),
    sql<{ state: string; count: number; age: number }>`
      select s.state, count(f.name)::int as count,
        coalesce(max(extract(epoch from now() - f.checked_at)), 0)::float8 as age
      from (values ('ok'), ('unreachable'), ('rewritten')) s (state)
      left join sources f on f.removed_at is null and s.state = case
        when f.error_code is not null then 'unreachable' when f.rewritten_head is not null then 'rewritten' else 'ok' end
      group by 1`.execute(db),
    sql<{ state: string; count: number }>`
      select s.state, count(d.id)::int as count from (values ('open'), ('fought')) s (state)
      left join drifts d on d.state = s.state and d.ended_at is null group by 1`.execute(db),
    sql<{ severity: string; count: number }>`
      select s.severity, count(p.id)::int as count from (values ('error'), ('warning')) s (severity)
      left join problems p on p.severity = s.severity group by 1`.execute(db),
  ]);
  return {
    clusters: clusters.rows,
    placements: placements.rows,
    sources: sources.rows,
    drifts: drifts.rows,
    problems: problems.rows,
  };
}
