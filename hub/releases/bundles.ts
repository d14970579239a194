import type { Kysely, Selectable } from 'kysely';
import type { Digest } from '../../core/canonical.ts';
import type { Problem } from '../../core/errors.ts';
import type { Labels } from '../../core/selector.ts';
import type { Mirror } from '../sources/mirror.ts';
import type { DataKey } from '../store/data-key.ts';
import type { Schema } from '../store/schema.ts';

export interface RenderContext {
  readonly db: Kysely<Schema>;
  readonly dataKey: DataKey;
  /** By the source's name. */
  readonly mirrorOf: (source: string) => Promise<Mirror>;
}

export type Release = Selectable<Schema['releases']>;

export interface Target {
  readonly cluster: string;
  readonly labels: Labels;
  readonly environment: string;
}

export type BundleFor = { readonly bundle: Digest } | { readonly problem: Problem };

/**
 * The bundle of a release for each target, by cluster; rendered and stored where it is missing. Targets with the
 * same values of the variables that are referenced share one render (G3).
 */
export async function ensureBundles(
  context: RenderContext,
  release: Release,
  targets: readonly Target[],
): Promise<Map<string, BundleFor>> {
  void [context, release, targets];
  return new Map();
}

/** The canonical bytes of a bundle, opened where they are sealed and checked against their digest; null where there is none. */
export async function readBundle(db: Kysely<Schema>, dataKey: DataKey, digest: Digest): Promise<Uint8Array | null> {
  void [db, dataKey, digest];
  return null;
}
