import { type Kysely, type Selectable, sql } from 'kysely';
import type { EnvironmentSpec } from '../../../core/kinds/environment.ts';
import { formatSelector, parseSelector } from '../../../core/selector-text.ts';
import type { Environment, EnvironmentDetail, EnvironmentQuery } from '../../../proto/rest/environments.ts';
import { clusterLabels, labelsMatch } from '../../access/labels-in-sql.ts';
import { environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import { countPlacements, healthCounts, noPlacements } from '../counts.ts';
import type { Slice } from '../pager.ts';
import { loadPositions } from '../positions.ts';
import { timeText } from '../times.ts';

/** Members that are named when one environment is shown. */
const memberLimit = 500;

/** Environments by name. @throws FairwayError `selector-invalid` */
export async function listEnvironments(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: EnvironmentQuery,
  { after, limit }: Slice,
): Promise<Environment[]> {
  let rows = selectEnvironments(db, visibility).orderBy('name').limit(limit);
  if (after !== null) rows = rows.where('name', '>', String(after[0]));
  if (query.labelSelector !== undefined) {
    rows = rows.where(labelsMatch(parseSelector(query.labelSelector), sql.ref('declarations.labels')));
  }
  return describe(db, visibility, await rows.execute());
}

/** One environment with its members, and where applications stand in it; null where there is none that the caller may see. */
export async function findEnvironment(
  db: Kysely<Schema>,
  visibility: Visibility,
  name: string,
): Promise<EnvironmentDetail | null> {
  const row = await selectEnvironments(db, visibility).where('name', '=', name).executeTakeFirst();
  if (row === undefined) return null;
  const [[environment], members, applications] = await Promise.all([
    describe(db, visibility, [row]),
    db
      .selectFrom('clusters')
      .select(['name', 'connected', 'state'])
      .where(labelsMatch(specOf(row).clusters, clusterLabels))
      .orderBy('name')
      .limit(memberLimit)
      .execute(),
    loadPositions(db, visibility, { environment: name }),
  ]);
  if (environment === undefined) throw new Error('one row makes one environment');
  const moreMembers = environment.clusters.total - members.length;
  return {
    ...environment,
    spec: row.spec,
    members,
    moreMembers: Math.max(0, moreMembers),
    applications: [...applications],
  };
}

type Row = Selectable<Schema['declarations']>;

function selectEnvironments(db: Kysely<Schema>, visibility: Visibility) {
  return db
    .selectFrom('declarations')
    .selectAll()
    .where('kind', '=', 'Environment')
    .where(environmentVisible(visibility, 'declarations.name'));
}

const specOf = (row: Row) => row.spec as EnvironmentSpec;

async function describe(db: Kysely<Schema>, visibility: Visibility, rows: readonly Row[]): Promise<Environment[]> {
  const names = rows.map(({ name }) => name);
  const placements = await countPlacements(db, visibility, 'environment', names);
  return Promise.all(
    rows.map(async (row) => ({
      name: row.name,
      labels: row.labels,
      selector: formatSelector(specOf(row).clusters),
      promotesFrom: [...specOf(row).promotion.from],
      drift: specOf(row).drift,
      clusters: await countMembers(db, row),
      placements: healthCounts(placements.get(row.name) ?? noPlacements),
      file: row.file,
      commit: row.commit,
      declaredAt: timeText(row.declared_at),
    })),
  );
}

async function countMembers(db: Kysely<Schema>, row: Row): Promise<{ total: number; connected: number }> {
  const counts = await db
    .selectFrom('clusters')
    .select([
      sql<number>`count(*)::int`.as('total'),
      sql<number>`(count(*) filter (where connected))::int`.as('connected'),
    ])
    .where(labelsMatch(specOf(row).clusters, clusterLabels))
    .executeTakeFirstOrThrow();
  return counts;
}
