import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { isEverywhere, type Scope } from '../../core/access.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import type { LabelSelector } from '../../core/selector.ts';
import type { Schema } from '../store/schema.ts';
import { clusterLabels, labelsMatch } from './labels-in-sql.ts';

/**
 * What a scope lets its bearer see, as conditions for queries. A list leaves out what is not visible; a single
 * thing that is not visible is answered like one that does not exist (404), so that nobody learns names that way.
 *
 * A cluster belongs to environments by their selectors, and to no tenant. An application belongs to its tenant, and
 * is in the environments that it lists. What belongs to no environment is visible only without bounds.
 */
export interface Visibility {
  /** Null: without bounds. */
  readonly environments: readonly string[] | null;
  readonly tenants: readonly string[] | null;
  /** Of `environments`, where those are bounded. */
  readonly selectors: readonly LabelSelector[];
}

export type Condition = RawBuilder<SqlBool>;

/** Reads the selectors of a bounded scope's environments. */
export async function loadVisibility(db: Kysely<Schema>, scope: Scope): Promise<Visibility> {
  const tenants = isEverywhere(scope.tenants) ? null : scope.tenants;
  if (isEverywhere(scope.environments)) return { environments: null, tenants, selectors: [] };
  const rows = await db
    .selectFrom('declarations')
    .select('spec')
    .where('kind', '=', 'Environment')
    .where('name', 'in', scope.environments.length === 0 ? [''] : scope.environments)
    .execute();
  const selectors = rows.map(({ spec }) => (spec as EnvironmentSpec).clusters);
  return { environments: scope.environments, tenants, selectors };
}

const always: Condition = sql<SqlBool>`true`;

/** @param ref a column with an environment's name; null in it is visible only without bounds */
export function environmentVisible({ environments }: Visibility, ref: string): Condition {
  return environments === null ? always : sql<SqlBool>`coalesce(${sql.ref(ref)} = any(${environments}::text[]), false)`;
}

/** For queries over `clusters`. */
export function clusterVisible({ environments, selectors }: Visibility): Condition {
  if (environments === null) return always;
  if (selectors.length === 0) return sql<SqlBool>`false`;
  return sql<SqlBool>`(${sql.join(
    selectors.map((selector) => labelsMatch(selector, clusterLabels)),
    sql` or `,
  )})`;
}

/** For queries over `applications`. */
export function applicationVisible(visibility: Visibility): Condition {
  const { environments } = visibility;
  const inEnvironment =
    environments === null
      ? always
      : sql<SqlBool>`coalesce(jsonb_exists_any(applications.spec -> 'environments', ${environments}::text[]), false)`;
  return sql<SqlBool>`(${tenantVisible(visibility, 'applications.tenant')} and ${inEnvironment})`;
}

/** @param ref a column with a tenant's name; null in it is visible only without bounds */
function tenantVisible({ tenants }: Visibility, ref: string): Condition {
  return tenants === null ? always : sql<SqlBool>`coalesce(${sql.ref(ref)} = any(${tenants}::text[]), false)`;
}

/** True where what belongs to a tenant, or to none (null), is visible. */
export function seesTenant({ tenants }: Visibility, tenant: string | null): boolean {
  return tenants === null || (tenant !== null && tenants.includes(tenant));
}

/** @param ref a column with an application's name; its tenant decides */
export function applicationNamedVisible({ tenants }: Visibility, ref: string): Condition {
  if (tenants === null) return always;
  return sql<SqlBool>`${sql.ref(ref)} in (select a.name from applications a where a.tenant = any(${tenants}::text[]))`;
}

/** @param ref a column with a cluster's name */
export function clusterNamedVisible(visibility: Visibility, ref: string): Condition {
  if (visibility.environments === null) return always;
  return sql<SqlBool>`${sql.ref(ref)} in (select clusters.name from clusters where ${clusterVisible(visibility)})`;
}

/** For queries over `placements`. */
export function placementVisible(visibility: Visibility): Condition {
  return sql<SqlBool>`(${environmentVisible(visibility, 'placements.environment')}
    and ${applicationNamedVisible(visibility, 'placements.application')})`;
}
