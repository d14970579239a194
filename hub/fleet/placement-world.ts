import { type Kysely, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { TenantSpec } from '../../core/kinds/tenant.ts';
import type { TenantBounds } from '../../core/link/assignment.ts';
import type { Candidate, PlacementWorld } from '../../core/placement.ts';
import { nothingOf } from '../../core/rollout/nothing.ts';
import type { Schema } from '../store/schema.ts';
import { readLacks } from './dependencies.ts';
import { effectiveLabels } from './labels.ts';
import { loadCandidates } from './placement-candidates.ts';

/**
 * Everything that decides the placements of one application. Null where the hub has never heard of it.
 * @param db a transaction that holds the application's lock where what is decided is then written
 */
export async function loadPlacementWorld(db: Kysely<Schema>, application: string): Promise<PlacementWorld | null> {
  const row = await db.selectFrom('applications').selectAll().where('name', '=', application).executeTakeFirst();
  if (row === undefined) return null;
  const nothing = nothingOf(application).digest;
  // One after the other: a transaction has one connection, which answers one query at a time.
  const clusters = await db
    .selectFrom('clusters')
    .select(['name', 'labels', 'declared_labels', 'cordoned_at'])
    .where('state', '!=', 'revoked')
    .orderBy('name')
    .execute();
  const placements = await db
    .selectFrom('placements')
    .select(['cluster', 'environment', 'state', 'release'])
    .select(
      sql<boolean>`coalesce((bundle, running_bundle, phase) = (${nothing}, ${nothing}, 'applied'), false)`.as(
        'removed',
      ),
    )
    .where('application', '=', application)
    .execute();
  const tenant = await loadTenant(db, row.tenant);
  const candidates = await loadCandidates(db, application, row.removed_at === null ? row.newest_release : null);
  return {
    application,
    tenant,
    candidates,
    clusters: clusters.map((cluster) => ({
      name: cluster.name,
      labels: effectiveLabels(cluster),
      cordoned: cluster.cordoned_at !== null,
    })),
    placements,
    applicationGone: row.removed_at !== null,
    lacks: await loadLacks(db, candidates),
  };
}

/** What the releases that clusters are to run depend on, and is not healthy there (R12). */
async function loadLacks(db: Kysely<Schema>, candidates: readonly Candidate[]): Promise<PlacementWorld['lacks']> {
  const targets = candidates.flatMap(({ settled, given }) => [
    ...(settled === null ? [] : [settled]),
    ...given.values(),
  ]);
  const named = [...new Set(targets.map(({ release }) => release))];
  if (named.length === 0) return new Map();
  const releases = await db.selectFrom('releases').select(['id', 'spec']).where('id', 'in', named).execute();
  const lacks = new Map<string, ReadonlyMap<string, string>>();
  for (const { id, spec } of releases) {
    const { dependsOn } = spec as ApplicationSpec;
    if (dependsOn.length > 0) lacks.set(id, await readLacks(db, dependsOn));
  }
  return lacks;
}

async function loadTenant(db: Kysely<Schema>, name: string | null): Promise<PlacementWorld['tenant']> {
  if (name === null) return null;
  const row = await db
    .selectFrom('declarations')
    .select('spec')
    .where('kind', '=', 'Tenant')
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) return 'missing';
  const spec = row.spec as TenantSpec;
  const bounds: TenantBounds = {
    name,
    namespaces: spec.namespaces,
    allow: spec.kinds.allow,
    deny: spec.kinds.deny,
    serviceAccount: spec.serviceAccount ?? null,
  };
  return { bounds, environments: spec.environments };
}
