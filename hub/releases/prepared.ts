import type { Kysely } from 'kysely';
import type { SourceSpec } from '../../core/kinds/source.ts';
import type { Mirror } from '../sources/mirror.ts';
import type { Schema } from '../store/schema.ts';
import type { Release, RenderContext } from './context.ts';
import { type ReadRelease, readRelease } from './read.ts';

/** So many releases are kept ready to be rendered; others are read again from the mirror. */
const kept = 64;

/** By database, for that is what a hub is. A release never changes, so what is kept is never stale. */
const caches = new WeakMap<Kysely<Schema>, Map<string, Promise<ReadRelease>>>();

/** A release, ready to be rendered. Its commit is fetched where the mirror lost it. */
export function preparedRelease(context: RenderContext, release: Release): Promise<ReadRelease> {
  const cache = caches.get(context.db) ?? new Map<string, Promise<ReadRelease>>();
  caches.set(context.db, cache);
  const found = cache.get(release.id);
  cache.delete(release.id);
  const reading = found ?? read(context, release);
  cache.set(release.id, reading);
  if (found === undefined) {
    reading.catch(() => cache.delete(release.id));
    for (const oldest of cache.keys()) {
      if (cache.size <= kept) break;
      cache.delete(oldest);
    }
  }
  return reading;
}

async function read({ db, mirrorOf }: RenderContext, release: Release): Promise<ReadRelease> {
  const mirror = await mirrorOf(release.source);
  await fetchCommit(db, mirror, release.source, release.commit);
  return readRelease(mirror, release.commit, release.path);
}

/**
 * Makes a commit of a source readable.
 * @throws FairwayError of the mirror: `commit-missing`, `git-unreachable`, …
 */
export async function fetchCommit(db: Kysely<Schema>, mirror: Mirror, source: string, commit: string): Promise<void> {
  if (await mirror.has(commit)) return;
  const row = await db.selectFrom('sources').select('spec').where('name', '=', source).executeTakeFirst();
  await mirror.fetch(commit, (row?.spec as SourceSpec | undefined)?.branch ?? 'main');
}
