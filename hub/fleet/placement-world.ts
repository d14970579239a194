import type { Kysely } from 'kysely';
import type { TenantBounds } from '../../core/assignment.ts';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import type { TenantSpec } from '../../core/kinds/tenant.ts';
import type { Candidate, PlacementWorld } from '../../core/placement.ts';
import type { Schema } from '../store/schema.ts';
import { effectiveLabels } from './labels.ts';

/**
 * Everything that decides the placements of one application. Null where the hub has never heard of it.
 * @param db a transaction that holds the application's lock where what is decided is then written
 */
export async function loadPlacementWorld(db: Kysely<Schema>, application: string): Promise<PlacementWorld | null> {
  const row = await db.selectFrom('applications').selectAll().where('name', '=', application).executeTakeFirst();
  if (row === undefined) return null;
  const [clusters, placements, tenant, candidates] = await Promise.all([
    db
      .selectFrom('clusters')
      .select(['name', 'labels', 'declared_labels', 'cordoned_at'])
      .where('state', '!=', 'revoked')
      .orderBy('name')
      .execute(),
    db
      .selectFrom('placements')
      .select(['cluster', 'environment', 'state'])
      .where('application', '=', application)
      .execute(),
    loadTenant(db, row.tenant),
    loadCandidates(db, application, row.removed_at === null ? row.newest_release : null),
  ]);
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
  };
}

/**
 * The environments that the application is to run in: what a pin names, or, where `promotion.from` is empty, the
 * newest release. Each release says for itself which environments it is for.
 */
async function loadCandidates(db: Kysely<Schema>, application: string, newest: string | null): Promise<Candidate[]> {
  const environments = await db
    .selectFrom('declarations')
    .leftJoin('pins', (join) =>
      join.onRef('pins.environment', '=', 'declarations.name').on('pins.application', '=', application),
    )
    .leftJoin('releases as pinned', (join) =>
      join.onRef('pinned.commit', '=', 'pins.revision').on('pinned.application', '=', application),
    )
    .select(['declarations.name', 'declarations.spec', 'pins.revision', 'pinned.id', 'pinned.spec as pinnedSpec'])
    .where('declarations.kind', '=', 'Environment')
    .orderBy('declarations.name')
    .execute();
  const head =
    newest === null
      ? undefined
      : await db.selectFrom('releases').select(['id', 'spec']).where('id', '=', newest).executeTakeFirst();

  const candidates: Candidate[] = [];
  for (const environment of environments) {
    const spec = environment.spec as EnvironmentSpec;
    const follows = environment.revision === null && spec.promotion.from.length === 0;
    const release = follows ? (head?.id ?? null) : environment.id;
    const source = (release === null ? head?.spec : follows ? head?.spec : environment.pinnedSpec) as
      | ApplicationSpec
      | undefined;
    if (source?.environments.includes(environment.name) !== true) continue;
    candidates.push({ environment: environment.name, clusters: spec.clusters, drift: spec.drift, release });
  }
  return candidates;
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
