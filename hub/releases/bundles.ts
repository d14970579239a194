import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { type Bundle, encodeBundle } from '../../core/bundle.ts';
import { type Digest, digestOf } from '../../core/canonical.ts';
import { FairwayError, type Problem } from '../../core/errors.ts';
import { isSecret, refOf } from '../../core/objects/object.ts';
import type { Prepared } from '../../core/render/prepare.ts';
import { render, renderKey } from '../../core/render/render.ts';
import type { RenderTarget } from '../../core/render/scope.ts';
import { nothingOf } from '../../core/rollout/nothing.ts';
import type { Labels } from '../../core/selector.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';
import type { Release, RenderContext } from './context.ts';
import { preparedRelease } from './prepared.ts';

/** A cluster that is to run a release. */
export interface Target {
  readonly cluster: string;
  readonly labels: Labels;
  readonly environment: string;
}

export type BundleFor = { readonly bundle: Digest } | { readonly problem: Problem };

/**
 * The bundle of a release for each target, by cluster; rendered and stored where it is missing. Targets with the
 * same values of the variables that are referenced share one render (G3). Safe to run twice at once: what is
 * stored is named by its content.
 * @throws FairwayError of the mirror where the release's commit cannot be read now
 */
export async function ensureBundles(
  context: RenderContext,
  release: Release,
  targets: readonly Target[],
): Promise<Map<string, BundleFor>> {
  const { prepared, problems } = await preparedRelease(context, release);
  if (prepared === null) {
    const problem = firstError(problems);
    return new Map(targets.map(({ cluster }) => [cluster, { problem }]));
  }
  const groups = Map.groupBy(targets, (target) => renderKey(prepared, renderTarget(target)));
  const stored = await context.db
    .selectFrom('renders')
    .select(['render_key', 'bundle'])
    .where('release', '=', release.id)
    .where('render_key', 'in', [...groups.keys(), ''])
    .execute();
  const bundles = new Map(stored.map(({ render_key, bundle }) => [render_key, { bundle: bundle as Digest }]));

  const result = new Map<string, BundleFor>();
  for (const [key, group] of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const found = bundles.get(key) ?? (await renderAndStore(context, release, prepared, first));
    for (const { cluster } of group) result.set(cluster, found);
  }
  return result;
}

async function renderAndStore(
  { db, dataKey }: RenderContext,
  release: Release,
  prepared: Prepared,
  target: Target,
): Promise<BundleFor> {
  // Hundreds of renders may follow each other: whoever waits for the event loop goes first.
  await nextTurn();
  const { key, bundle, problems } = render(prepared, renderTarget(target));
  if (bundle === null) return { problem: firstError(problems) };
  const digest = await storeBundle(db, dataKey, bundle);
  await db
    .insertInto('renders')
    .values({ release: release.id, render_key: key, bundle: digest })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { bundle: digest };
}

/** The bundle that takes an application away, stored where it is not yet (G9). */
export async function ensureNothing(db: Kysely<Schema>, application: string): Promise<{ readonly bundle: Digest }> {
  const { digest, content } = nothingOf(application);
  await db
    .insertInto('bundles')
    .values({ digest, size: content.length, objects: '[]', sealed: false, content: Buffer.from(content) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { bundle: digest };
}

/** Stores a bundle once by its digest; one that holds Secrets is encrypted (G4). */
async function storeBundle(db: Kysely<Schema>, dataKey: DataKey, bundle: Bundle): Promise<Digest> {
  const { digest, content } = encodeBundle(bundle);
  const objects = bundle.objects.map((object) => refOf(object));
  const sealed = objects.some(isSecret);
  await db
    .insertInto('bundles')
    .values({
      digest,
      size: content.length,
      objects: JSON.stringify(objects),
      sealed,
      content: Buffer.from(sealed ? dataKey.seal(content, contextOf(digest)) : content),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return digest;
}

/**
 * The canonical bytes of a bundle, opened where they are sealed; null where there is none.
 * @throws FairwayError `bundle-corrupt` where what is stored is not what the digest names
 */
export async function readBundle(db: Kysely<Schema>, dataKey: DataKey, digest: string): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom('bundles')
    .select(['content', 'sealed'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) return null;
  const content = row.sealed ? dataKey.open(row.content, contextOf(digest)) : row.content;
  if (digestOf(content) === digest) return content;
  throw new FairwayError('bundle-corrupt', `the stored content of bundle ${digest} is not what its digest names`, {
    remedy: 'restore the database from a backup',
  });
}

function contextOf(digest: string): string {
  return `bundle ${digest}`;
}

function renderTarget({ cluster, labels, environment }: Target): RenderTarget {
  return { cluster: { name: cluster, labels }, environment };
}

/** The error that kept a render from its bundle. */
export function firstError(problems: readonly Problem[]): Problem {
  const error = problems.find(({ severity }) => severity === 'error');
  if (error === undefined) throw new Error('a render without a bundle names no error');
  return error;
}
