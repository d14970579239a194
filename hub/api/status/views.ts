import { type Kysely, sql } from 'kysely';
import type { Status } from '../../../proto/rest/status.ts';
import { clusterVisible, environmentVisible, placementVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import {
  type CountedBy,
  countAllPlacements,
  countDrifts,
  countPlacements,
  healthCounts,
  noPlacements,
} from '../counts.ts';
import { countHolds, listHolds } from '../holds/views.ts';
import { countDeliveries } from '../notifications/views.ts';
import { listPlacements } from '../placements/views.ts';
import { countProblems, listProblems } from '../problems/views.ts';
import { listWaiting } from '../promotions/views.ts';
import { countActiveRollouts, listRollouts } from '../rollouts/views.ts';
import { listSources } from '../sources/views.ts';

/** Items that each list of the status names; its count is whole. */
const shown = { after: null, limit: 20 } as const;
const allSources = { after: null, limit: 500 } as const;

/** The fleet at a glance, as far as the caller sees it. */
export async function readStatus(db: Kysely<Schema>, visibility: Visibility): Promise<Status> {
  const [
    clusters,
    placements,
    environments,
    applications,
    moving,
    waiting,
    leaving,
    problems,
    problemItems,
    sources,
    deliveries,
    promotions,
    rollouts,
    rolling,
    holds,
    held,
  ] = await Promise.all([
    countClusters(db, visibility),
    countAllPlacements(db, visibility),
    summarise(db, visibility, 'environment', await declaredEnvironments(db, visibility)),
    summarise(db, visibility, 'application', []),
    listPlacements(db, visibility, { moving: true }, shown),
    listPlacements(db, visibility, { waiting: true }, shown),
    countLeaving(db, visibility),
    countProblems(db, visibility),
    listProblems(db, visibility, {}, shown),
    listSources(db, visibility, allSources),
    countDeliveries(db, visibility),
    listWaiting(db, visibility, shown),
    listRollouts(db, visibility, { active: true }, shown),
    countActiveRollouts(db, visibility),
    listHolds(db, visibility, {}, shown),
    countHolds(db, visibility),
  ]);
  const inUse = sources.filter(({ removedAt }) => removedAt === null);
  return {
    clusters,
    placements: healthCounts(placements),
    environments,
    applications,
    moving: { total: placements.moving, items: moving },
    waiting: { total: placements.waiting, items: waiting },
    promotions,
    rollouts: { total: rolling, items: rollouts },
    holds: { total: held, items: holds },
    leaving,
    drifts: environments.reduce((sum, { drifts }) => sum + drifts, 0),
    problems: { ...problems, items: problemItems },
    notifications: deliveries,
    sources: {
      total: inUse.length,
      unreachable: inUse.filter(({ error }) => error !== null),
      rewritten: inUse.filter(({ rewrittenHead }) => rewrittenHead !== null),
    },
  };
}

async function countClusters(db: Kysely<Schema>, visibility: Visibility): Promise<Status['clusters']> {
  const count = (condition: ReturnType<typeof sql<boolean>>) =>
    sql<number>`(count(*) filter (where ${condition}))::int`;
  return db
    .selectFrom('clusters')
    .select([
      sql<number>`count(*)::int`.as('total'),
      count(sql`state = 'joined' and connected`).as('connected'),
      count(sql`state = 'joined' and not connected`).as('disconnected'),
      count(sql`state = 'registered'`).as('waitingToJoin'),
      count(sql`state = 'revoked'`).as('revoked'),
      count(sql`cordoned_at is not null`).as('cordoned'),
    ])
    .where(clusterVisible(visibility))
    .executeTakeFirstOrThrow();
}

/** @param declared those to name even where they run nothing */
async function summarise(
  db: Kysely<Schema>,
  visibility: Visibility,
  by: CountedBy,
  declared: readonly string[],
): Promise<Status['environments'][number][]> {
  const [placements, drifts] = await Promise.all([
    countPlacements(db, visibility, by),
    countDrifts(db, visibility, by),
  ]);
  return [...new Set([...placements.keys(), ...declared])].sort().map((name) => {
    const tally = placements.get(name) ?? noPlacements;
    return { name, placements: healthCounts(tally), moving: tally.moving, drifts: drifts.get(name) ?? 0 };
  });
}

async function declaredEnvironments(db: Kysely<Schema>, visibility: Visibility): Promise<string[]> {
  const rows = await db
    .selectFrom('declarations')
    .select('name')
    .where('kind', '=', 'Environment')
    .where(environmentVisible(visibility, 'declarations.name'))
    .execute();
  return rows.map(({ name }) => name);
}

async function countLeaving(db: Kysely<Schema>, visibility: Visibility): Promise<number> {
  const { count } = await db
    .selectFrom('placements')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('state', '=', 'leaving')
    .where(placementVisible(visibility))
    .executeTakeFirstOrThrow();
  return count;
}
