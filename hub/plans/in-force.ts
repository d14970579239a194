import type { Kysely } from 'kysely';
import type { Digest } from '../../core/canonical.ts';
import { nothingOf } from '../../core/rollout/nothing.ts';
import { readGiven } from '../fleet/placement-candidates.ts';
import { ensureBundles, type Target } from '../releases/bundles.ts';
import type { RenderContext } from '../releases/context.ts';
import type { Schema } from '../store/schema.ts';
import { findRelease, type Planned, type Side, stored } from './side.ts';

/**
 * What is in force on each cluster of an environment: what is settled there, which a new cluster is given too (G1), or
 * what a rollout that has ended since has left there (R7). A rollout that is under way changes nothing of it before it
 * has ended, so that what is approved meanwhile does not change with each of its clusters (P2).
 * @param settled the settled release; null: nothing is
 */
export async function sideInForce(
  context: RenderContext,
  environment: string,
  application: string,
  settled: string | null,
  members: readonly Target[],
): Promise<Side> {
  const { db } = context;
  const [given, placed] = await Promise.all([
    readGiven(db, application, 'ended'),
    readPlaced(db, environment, application),
  ]);
  const left = given.get(environment);
  const releases = Map.groupBy(members, ({ cluster }) => {
    const target = left?.get(cluster);
    return target === undefined ? settled : target.removal ? null : target.release;
  });
  const bundles = new Map<string, Planned>();
  for (const [release, group] of releases) {
    if (release === null) continue;
    for (const [cluster, planned] of await bundlesInForce(context, release, group, placed))
      bundles.set(cluster, planned);
  }
  return { bundles, read: stored(context) };
}

/** What clusters have of an application that is to be taken away from them: what they are given now (G9). */
export async function sidePlaced(context: RenderContext, environment: string, application: string): Promise<Side> {
  const placed = await readPlaced(context.db, environment, application);
  const bundles = new Map([...placed].map(([cluster, { bundle }]) => [cluster, { bundle }] as const));
  return { bundles, read: stored(context) };
}

interface Placed {
  readonly release: string;
  readonly bundle: Digest;
}

/** The release that is settled in an environment; null: none is. */
export async function settledRelease(
  db: Kysely<Schema>,
  environment: string,
  application: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('settlements')
    .select('release')
    .where('environment', '=', environment)
    .where('application', '=', application)
    .where('superseded_at', 'is', null)
    .executeTakeFirst();
  return row?.release ?? null;
}

/** What clusters are given of the application, by cluster; those that it is taken away from are left out (G9). */
async function readPlaced(
  db: Kysely<Schema>,
  environment: string,
  application: string,
): Promise<ReadonlyMap<string, Placed>> {
  const rows = await db
    .selectFrom('placements')
    .select(['cluster', 'release', 'bundle'])
    .where('application', '=', application)
    .where('environment', '=', environment)
    .where('bundle', '!=', nothingOf(application).digest)
    .execute();
  return new Map(rows.map(({ cluster, release, bundle }) => [cluster, { release, bundle: bundle as Digest }]));
}

/** A release on clusters that have it, or are to have it: what is placed needs no commit and no render (G7). */
async function bundlesInForce(
  context: RenderContext,
  release: string,
  targets: readonly Target[],
  placed: ReadonlyMap<string, Placed>,
): Promise<ReadonlyMap<string, Planned>> {
  const bundles = new Map<string, Planned>();
  const others: Target[] = [];
  for (const target of targets) {
    const found = placed.get(target.cluster);
    if (found?.release === release) bundles.set(target.cluster, { bundle: found.bundle });
    else others.push(target);
  }
  if (others.length === 0) return bundles;
  const rendered = await ensureBundles(context, await findRelease(context.db, release), others);
  for (const { cluster } of others) {
    const found = rendered.get(cluster);
    // What it cannot be rendered for keeps what it runs (G6).
    const bundle = found !== undefined && 'bundle' in found ? found.bundle : (placed.get(cluster)?.bundle ?? null);
    bundles.set(cluster, { bundle });
  }
  return bundles;
}
