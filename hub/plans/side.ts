import type { Kysely } from 'kysely';
import { type Bundle, decodeBundle } from '../../core/bundle.ts';
import type { Digest } from '../../core/canonical.ts';
import { FairwayError, type Problem } from '../../core/errors.ts';
import { ensureBundles, readBundle, type Target } from '../releases/bundles.ts';
import type { Release, RenderContext } from '../releases/context.ts';
import type { Schema } from '../store/schema.ts';

/** One side of a plan: what each cluster runs before it, or after it. */
export interface Side {
  readonly bundles: ReadonlyMap<string, Planned>;
  /** The content of one of the bundles. */
  read(digest: Digest): Promise<Bundle>;
}

/** Null: the application is not on that cluster. */
export type Planned = { readonly bundle: Digest | null } | { readonly problem: Problem };

/** Nothing of the application, on any cluster. */
export const nothing: Side = {
  bundles: new Map(),
  read: () => Promise.reject(new Error('there is no bundle on this side')),
};

/** What is settled in an environment, and what that is on each of its clusters: what a new one is given too (G1). */
export async function settledSide(
  context: RenderContext,
  environment: string,
  application: string,
  members: readonly Target[],
): Promise<{ readonly release: string | null; readonly side: Side }> {
  const { db } = context;
  const settled = await db
    .selectFrom('settlements')
    .select('release')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('superseded_at', 'is', null)
    .executeTakeFirst();
  if (settled === undefined) return { release: null, side: nothing };
  const { release } = settled;
  const placed = await db
    .selectFrom('placements')
    .select(['cluster', 'release', 'bundle'])
    .where('application', '=', application)
    .where('environment', '=', environment)
    .execute();
  const bundles = new Map<string, Planned>();
  for (const row of placed) if (row.release === release) bundles.set(row.cluster, { bundle: row.bundle as Digest });
  const others = members.filter(({ cluster }) => !bundles.has(cluster));
  const running = new Map(placed.map((row) => [row.cluster, row.bundle as Digest]));
  if (others.length > 0) {
    const rendered = await ensureBundles(context, await findRelease(db, release), others);
    for (const { cluster } of others) {
      const found = rendered.get(cluster);
      // What it was never rendered for keeps what it runs (G6).
      const bundle = found !== undefined && 'bundle' in found ? found.bundle : (running.get(cluster) ?? null);
      bundles.set(cluster, { bundle });
    }
  }
  return { release, side: { bundles, read: stored(context) } };
}

/** A release on each of some clusters; rendered and stored where it was not yet. */
export async function releaseSide(context: RenderContext, release: string, members: readonly Target[]): Promise<Side> {
  const bundles = await ensureBundles(context, await findRelease(context.db, release), members);
  return { bundles, read: stored(context) };
}

/** @throws FairwayError `release-not-found` */
async function findRelease(db: Kysely<Schema>, id: string): Promise<Release> {
  const row = await db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirst();
  if (row !== undefined) return row;
  throw new FairwayError('release-not-found', `There is no release ${JSON.stringify(id)}.`, {
    field: 'release',
    remedy: 'list them with `fairway releases`',
  });
}

function stored({ db, dataKey }: RenderContext): Side['read'] {
  return async (digest) => {
    const content = await readBundle(db, dataKey, digest);
    if (content === null) throw new Error(`bundle ${digest} is placed or rendered, and not stored`);
    return decodeBundle(content);
  };
}
