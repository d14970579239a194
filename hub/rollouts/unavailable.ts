import { type Kysely, sql } from 'kysely';
import { isApplied } from '../fleet/dependencies.ts';
import type { Schema } from '../store/schema.ts';

/**
 * The clusters of an environment that rollouts make unavailable (R3): those that are under way, and those that were
 * aborted or gave way, as long as what they had in flight is not well there and has its time left. Nothing waits for
 * the latter for ever: what has failed by then takes a place only once another rollout comes to it.
 * @param but a rollout that counts its own; null: none
 */
export async function readUnavailable(
  db: Kysely<Schema>,
  environment: string,
  but: number | null,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ cluster: string }>`
    select c.cluster from rollout_clusters c join rollouts r on r.id = c.rollout
    where r.environment = ${environment} and r.ended_at is null and r.id is distinct from ${but} and not c.ill_before
      and (c.state in ('updating', 'ill', 'returning') or (c.state = 'failed' and c.assigned_at is not null))
    union
    select c.cluster from rollouts r join rollout_clusters c on c.rollout = r.id
    join placements p on p.cluster = c.cluster and p.environment = r.environment and p.application = r.application
    where r.environment = ${environment} and r.state in ('aborted', 'superseded')
      and r.ended_at > now() - (r.strategy ->> 'progressDeadline')::float8 * interval '1 millisecond'
      and not c.ill_before and c.state in ('updating', 'ill', 'returning') and c.handed_out_at is not null
      and c.deadline > now() and not coalesce(${isApplied} and p.health = 'healthy', false)`.execute(db);
  return new Set(rows.map(({ cluster }) => cluster));
}
