import type { Kysely } from 'kysely';
import type { SourceSpec } from '../../core/kinds/source.ts';
import { createLru, type Lru } from '../sources/git/lru.ts';
import type { Mirror } from '../sources/mirror.ts';
import type { Schema } from '../store/schema.ts';
import type { Release, RenderContext } from './context.ts';
import { type ReadRelease, readRelease } from './read.ts';

/** Releases of so many bytes of files are kept ready to be rendered; others are read again from the mirror. */
const keptBytes = 32 * 1024 * 1024;
/** What a release weighs beside its files. */
const overhead = 16 * 1024;

/** By database, for that is what a hub is. A release never changes, so what is kept is never stale. */
const caches = new WeakMap<Kysely<Schema>, Lru<ReadRelease>>();

/**
 * A release, ready to be rendered. Its commit is fetched where the mirror lost it.
 * @throws FairwayError of the mirror where the commit cannot be read now
 */
export async function preparedRelease({ db, mirrorOf }: RenderContext, release: Release): Promise<ReadRelease> {
  const cache = caches.get(db) ?? createLru<ReadRelease>(keptBytes);
  caches.set(db, cache);
  const kept = cache.get(release.id);
  if (kept !== undefined) return kept;
  const mirror = await mirrorOf(release.source);
  await fetchCommit(db, mirror, release.source, release.commit);
  const read = await readRelease(mirror, release.commit, release.path);
  cache.set(release.id, read, read.size + overhead);
  return read;
}

/**
 * Makes a commit of a source readable.
 * @throws FairwayError of the mirror: `commit-missing`, `git-unreachable`, …
 */
export async function fetchCommit(db: Kysely<Schema>, mirror: Mirror, source: string, commit: string): Promise<void> {
  if (await mirror.has(commit)) return;
  const row = await db.selectFrom('sources').select('spec').where('name', '=', source).executeTakeFirst();
  await mirror.fetch(commit, (row?.spec as Partial<SourceSpec> | undefined)?.branch ?? 'main');
}
