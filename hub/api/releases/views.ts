import { type Kysely, type Selectable, sql } from 'kysely';
import type { ApplicationSpec } from '../../../core/kinds/application.ts';
import type { Release, ReleaseBundle, ReleaseQuery } from '../../../proto/rest/releases.ts';
import { applicationNamedVisible, placementVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';

/** Releases, newest first. */
export async function listReleases(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: ReleaseQuery,
  { after, limit }: Slice,
): Promise<Release[]> {
  let rows = selectReleases(db, visibility).orderBy('releases.sequence', 'desc').limit(limit);
  if (after !== null) rows = rows.where('releases.sequence', '<', Number(after[0]));
  if (query.application !== undefined) rows = rows.where('releases.application', '=', query.application);
  if (query.source !== undefined) rows = rows.where('releases.source', '=', query.source);
  if (query.commit !== undefined) rows = rows.where('releases.commit', 'like', `${query.commit}%`);
  return describe(db, visibility, await rows.execute());
}

/** Null where there is none that the caller may see. */
export async function findRelease(db: Kysely<Schema>, visibility: Visibility, id: string): Promise<Release | null> {
  const rows = await selectReleases(db, visibility).where('releases.id', '=', id).execute();
  const [release] = await describe(db, visibility, rows);
  return release ?? null;
}

/**
 * What the release was rendered to, by digest; never the content (A11). A caller bound to environments sees what is
 * placed there.
 */
export async function listBundles(
  db: Kysely<Schema>,
  visibility: Visibility,
  release: string,
  { after, limit }: Slice,
): Promise<ReleaseBundle[]> {
  const placed = sql`from placements where placements.release = renders.release
    and placements.bundle = renders.bundle and ${placementVisible(visibility)}`;
  let rows = db
    .selectFrom('renders')
    .innerJoin('bundles', 'bundles.digest', 'renders.bundle')
    .select(['renders.render_key', 'bundles.digest', 'bundles.size', 'bundles.sealed', 'bundles.objects'])
    .select(sql<number>`(select count(*)::int ${placed})`.as('clusters'))
    .where('renders.release', '=', release)
    .where(visibility.environments === null ? sql<boolean>`true` : sql<boolean>`exists (select ${placed})`)
    .orderBy('renders.render_key')
    .limit(limit);
  if (after !== null) rows = rows.where('renders.render_key', '>', String(after[0]));
  return (await rows.execute()).map(({ render_key, ...bundle }) => ({ renderKey: render_key, ...bundle }));
}

type Row = Selectable<Schema['releases']> & { readonly newest_release: string | null };

function selectReleases(db: Kysely<Schema>, visibility: Visibility) {
  const { environments } = visibility;
  return db
    .selectFrom('releases')
    .leftJoin('applications', 'applications.name', 'releases.application')
    .selectAll('releases')
    .select('applications.newest_release')
    .where(applicationNamedVisible(visibility, 'releases.application'))
    .where(
      environments === null
        ? sql<boolean>`true`
        : sql<boolean>`coalesce(jsonb_exists_any(releases.spec -> 'environments', ${environments}::text[]), false)`,
    );
}

async function describe(db: Kysely<Schema>, visibility: Visibility, rows: readonly Row[]): Promise<Release[]> {
  const ids = rows.map(({ id }) => id);
  const { rows: counts } = await sql<{ id: string; assigned: number; running: number }>`
    select id, (select count(*)::int from placements where release = id and ${placementVisible(visibility)}) as assigned,
      (select count(*)::int from placements where running_release = id and ${placementVisible(visibility)}) as running
    from unnest(${ids}::text[]) as id`.execute(db);
  const clusters = new Map(counts.map(({ id, assigned, running }) => [id, { assigned, running }]));
  return rows.map((row) => ({
    id: row.id,
    sequence: row.sequence,
    application: row.application,
    source: row.source,
    path: row.path,
    commit: row.commit,
    author: row.author,
    message: row.message,
    committedAt: timeTextOrNull(row.committed_at),
    createdAt: timeText(row.created_at),
    origin: row.origin,
    environments: [...((row.spec as ApplicationSpec).environments ?? [])],
    newest: row.newest_release === row.id,
    clusters: clusters.get(row.id) ?? { assigned: 0, running: 0 },
  }));
}
