import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import { clusterLabels, labelsMatch } from '../access/labels-in-sql.ts';
import { effectiveLabels } from '../fleet/labels.ts';
import type { Target } from '../releases/bundles.ts';
import type { Schema } from '../store/schema.ts';

export interface Membership {
  /** Everything that the environment says but which clusters are its members: part of what is approved (P2). */
  readonly rules: Omit<EnvironmentSpec, 'clusters'>;
  /** By name. */
  readonly members: readonly Target[];
}

/**
 * An environment's rules, and the clusters that it selects now; revoked ones are none.
 * @throws FairwayError `environment-not-found`
 */
export async function findMembers(db: Kysely<Schema>, environment: string): Promise<Membership> {
  const declared = await db
    .selectFrom('declarations')
    .select('spec')
    .where('kind', '=', 'Environment')
    .where('name', '=', environment)
    .executeTakeFirst();
  if (declared === undefined) throw environmentUnknown(environment);
  const { clusters: selector, ...rules } = declared.spec as EnvironmentSpec;
  const clusters = await db
    .selectFrom('clusters')
    .select(['name', 'labels', 'declared_labels'])
    .where('state', '!=', 'revoked')
    .where(labelsMatch(selector, clusterLabels))
    .orderBy('name')
    .execute();
  const members = clusters.map((row) => ({ cluster: row.name, labels: effectiveLabels(row), environment }));
  return { rules, members };
}

/** The answer to the name of an environment that is not declared, or that the caller may not see. */
export function environmentUnknown(environment: string): FairwayError {
  return new FairwayError('environment-not-found', `There is no environment ${JSON.stringify(environment)}.`, {
    field: 'environment',
    remedy: 'see `fairway status environments` for all',
  });
}
