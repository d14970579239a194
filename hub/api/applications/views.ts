import { type Kysely, type Selectable, sql } from 'kysely';
import type { ApplicationSpec } from '../../../core/kinds/application.ts';
import type { Application, ApplicationDetail, ApplicationQuery } from '../../../proto/rest/applications.ts';
import { applicationVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import { countPlacements, healthCounts, noPlacements } from '../counts.ts';
import type { Slice } from '../pager.ts';
import { loadPositions } from '../positions.ts';
import { timeText, timeTextOrNull } from '../times.ts';

/** Applications by name. */
export async function listApplications(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: ApplicationQuery,
  { after, limit }: Slice,
): Promise<Application[]> {
  let rows = db
    .selectFrom('applications')
    .selectAll()
    .where(applicationVisible(visibility))
    .orderBy('name')
    .limit(limit);
  if (after !== null) rows = rows.where('name', '>', String(after[0]));
  if (query.tenant !== undefined) rows = rows.where('tenant', '=', query.tenant);
  if (query.source !== undefined) rows = rows.where('source', '=', query.source);
  if (query.environment !== undefined) {
    rows = rows.where(sql<boolean>`jsonb_exists(applications.spec -> 'environments', ${query.environment}::text)`);
  }
  return describe(db, visibility, await rows.execute());
}

/** One application, and where it stands; null where there is none that the caller may see. */
export async function findApplication(
  db: Kysely<Schema>,
  visibility: Visibility,
  name: string,
): Promise<ApplicationDetail | null> {
  const rows = db.selectFrom('applications').selectAll().where('name', '=', name).where(applicationVisible(visibility));
  const [application] = await describe(db, visibility, await rows.execute());
  if (application === undefined) return null;
  return { ...application, positions: [...(await loadPositions(db, visibility, { application: name }))] };
}

async function describe(
  db: Kysely<Schema>,
  visibility: Visibility,
  rows: readonly Selectable<Schema['applications']>[],
): Promise<Application[]> {
  const names = rows.map(({ name }) => name);
  const placements = await countPlacements(db, visibility, 'application', names);
  return rows.map((row) => ({
    name: row.name,
    tenant: row.tenant,
    source: row.source,
    path: row.path,
    environments: (row.spec as ApplicationSpec | null)?.environments ?? [],
    newestRelease: row.newest_release,
    seenAt: timeText(row.seen_at),
    removedAt: timeTextOrNull(row.removed_at),
    placements: healthCounts(placements.get(row.name) ?? noPlacements),
  }));
}
