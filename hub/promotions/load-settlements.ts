import { type Kysely, sql, type Transaction } from 'kysely';
import type { SettlementFacts } from '../../core/promotion/world.ts';
import { silence } from '../rollouts/context.ts';
import type { Schema } from '../store/schema.ts';

/** So many of an application are kept in view in each environment: what settled longer ago goes nowhere any more. */
const kept = 20;

/** What settled of an application, by environment, the newest first. */
export async function loadSettlements(
  db: Kysely<Schema>,
  application: string,
): Promise<ReadonlyMap<string, readonly SettlementFacts[]>> {
  const rows = await db
    .selectFrom((from) =>
      from
        .selectFrom('settlements')
        .selectAll()
        .select(sql<number>`row_number() over (partition by environment order by id desc)`.as('position'))
        .where('application', '=', application)
        .as('settlements'),
    )
    .selectAll()
    .where('position', '<=', kept)
    .orderBy('id', 'desc')
    .execute();
  const settlements = rows.map((row): SettlementFacts & { environment: string } => {
    const { environment, release, settled_at, superseded_at, soaked_ms } = row;
    const inForce = superseded_at === null;
    const healthySince = row.healthy_since?.getTime() ?? null;
    const last = inForce || healthySince === null ? 0 : superseded_at.getTime() - healthySince;
    return {
      environment,
      release,
      inForce,
      settledAt: settled_at.getTime(),
      healthySince,
      soaked: Math.max(soaked_ms, last),
    };
  });
  return Map.groupBy(settlements, ({ environment }) => environment);
}

/**
 * Brings up to date since when what is settled is healthy (P1): it is while every cluster that runs it is well, and
 * there is one. A cluster that is only on its way to it says nothing about it; one that nobody hears of proves nothing,
 * from when it was last heard of.
 * @param now milliseconds since the epoch
 */
export async function noteHealth(transaction: Transaction<Schema>, application: string, now: number): Promise<void> {
  const at = new Date(now);
  const isSilent = sql`(not clusters.connected and coalesce(clusters.last_seen_at, 'epoch') < ${new Date(now - silence)})`;
  await sql`
    update settlements set
      soaked_ms = case when well.now then soaked_ms
        else greatest(soaked_ms, extract(epoch from least(${at}::timestamptz, well.heard) - healthy_since) * 1000)::bigint end,
      healthy_since = case when well.now then ${at}::timestamptz end
    from (
      select settlements.id,
        coalesce(bool_and(placements.health = 'healthy' and placements.phase = 'applied' and not ${isSilent}), false) as now,
        min(coalesce(clusters.last_seen_at, 'epoch')) filter (where ${isSilent}) as heard
      from settlements left join placements
        on placements.application = settlements.application and placements.environment = settlements.environment
        and placements.release = settlements.release and placements.running_bundle = placements.bundle
      left join clusters on clusters.name = placements.cluster
      where settlements.application = ${application} and settlements.superseded_at is null
      group by settlements.id
    ) as well
    where settlements.id = well.id and (settlements.healthy_since is not null) <> well.now`.execute(transaction);
}
