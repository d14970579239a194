import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Digest } from '../../core/canonical.ts';
import { bundleChanges } from '../../core/change/bundle-changes.ts';
import type { Change } from '../../core/change/change.ts';
import type { GroupChanges, PlannedClusters } from '../../core/change/plan.ts';
import type { Problem } from '../../core/errors.ts';
import type { Target } from '../releases/bundles.ts';
import type { RenderContext } from '../releases/context.ts';
import { createLru, type Lru } from '../sources/git/lru.ts';
import type { Schema } from '../store/schema.ts';
import type { Planned, Side } from './side.ts';

/** Characters of changes that are kept: a plan is looked at again and again while its promotion waits. */
const keptCharacters = 32 * 1024 * 1024;

/** By database, for that is what a hub is. Bundles never change, so what is kept is never stale. */
const caches = new WeakMap<Kysely<Schema>, Lru<readonly Change[]>>();

/** What going from one side to the other does, once for each distinct pair of bundles. */
export async function changesBetween(
  context: Pick<RenderContext, 'db' | 'dataKey'>,
  members: readonly Target[],
  before: Side,
  after: Side,
): Promise<PlannedClusters> {
  const pairs = new Map<string, { before: Digest | null; after: Digest | null; clusters: string[] }>();
  const failures = new Map<string, { clusters: string[]; problem: Problem }>();
  const unchanged: string[] = [];
  for (const { cluster } of members) {
    const old = bundleOf(before.bundles.get(cluster));
    const outcome = after.bundles.get(cluster) ?? { bundle: null };
    if ('problem' in outcome) {
      const { problem } = outcome;
      gather(failures, `${problem.code} ${problem.message}`, () => ({ problem, clusters: [] }), cluster);
    } else if (old === outcome.bundle) {
      unchanged.push(cluster);
    } else {
      const pair = { before: old, after: outcome.bundle };
      gather(pairs, pairKey(pair), () => ({ ...pair, clusters: [] }), cluster);
    }
  }
  const groups: GroupChanges[] = [];
  for (const pair of pairs.values()) groups.push({ ...pair, changes: await changesOf(context, pair, before, after) });
  return { groups, unchanged, failures: [...failures.values()] };
}

async function changesOf(
  { db, dataKey }: Pick<RenderContext, 'db' | 'dataKey'>,
  pair: { readonly before: Digest | null; readonly after: Digest | null },
  before: Side,
  after: Side,
): Promise<readonly Change[]> {
  const cache = caches.get(db) ?? createLru<readonly Change[]>(keptCharacters);
  caches.set(db, cache);
  const key = pairKey(pair);
  const kept = cache.get(key);
  if (kept !== undefined) return kept;
  // Hundreds of pairs may follow each other: whoever waits for the event loop goes first.
  await nextTurn();
  const old = pair.before === null ? null : await before.read(pair.before);
  const wanted = pair.after === null ? null : await after.read(pair.after);
  const changes = bundleChanges(old, wanted, dataKey.digest);
  cache.set(key, changes, JSON.stringify(changes).length + key.length);
  return changes;
}

function bundleOf(planned: Planned | undefined): Digest | null {
  return planned === undefined || 'problem' in planned ? null : planned.bundle;
}

function pairKey({ before, after }: { readonly before: Digest | null; readonly after: Digest | null }): string {
  return `${before} ${after}`;
}

function gather<T extends { clusters: string[] }>(
  map: Map<string, T>,
  key: string,
  create: () => T,
  cluster: string,
): void {
  const entry = map.get(key) ?? create();
  entry.clusters.push(cluster);
  map.set(key, entry);
}
