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

/** A release on each of some clusters; rendered and stored where it was not yet. */
export async function releaseSide(context: RenderContext, release: Release, members: readonly Target[]): Promise<Side> {
  const bundles = await ensureBundles(context, release, members);
  return { bundles, read: stored(context) };
}

/** A release by its id. @throws FairwayError `release-not-found` */
export async function findRelease(db: Kysely<Schema>, id: string): Promise<Release> {
  const row = await db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirst();
  if (row !== undefined) return row;
  throw new FairwayError('release-not-found', `There is no release ${JSON.stringify(id)}.`, {
    field: 'release',
    remedy: 'list them with `fairway releases`',
  });
}

/** Reads bundles that are stored. */
export function stored({ db, dataKey }: RenderContext): Side['read'] {
  return async (digest) => {
    const content = await readBundle(db, dataKey, digest);
    if (content === null) throw new Error(`bundle ${digest} is placed or rendered, and not stored`);
    return decodeBundle(content);
  };
}
