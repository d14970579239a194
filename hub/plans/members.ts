import { type Kysely, type SqlBool, sql } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import { effectiveLabels } from '../fleet/labels.ts';
import type { Target } from '../releases/bundles.ts';
import { selects } from '../rollouts/members.ts';
import type { Schema } from '../store/schema.ts';

export interface Membership {
  /** Everything that the environment says but which clusters are its members: part of what is approved (P2). */
  readonly rules: Omit<EnvironmentSpec, 'clusters'>;
  /** By name. */
  readonly members: readonly Target[];
}

export interface MembersQuestion {
  readonly environment: string;
  readonly application: string;
  /** The environments that the release in question is for; null: the application is taken away. */
  readonly listed: readonly string[] | null;
}

/**
 * An environment's rules, and the clusters that a promotion to it is about, as a rollout would see them: those that it
 * selects, and no other environment of the application; of a removal, those that have the application from it, whatever
 * their labels have come to be (G9). Revoked ones are none.
 * @throws FairwayError `environment-not-found`
 */
export async function findMembers(
  db: Kysely<Schema>,
  { environment, application, listed }: MembersQuestion,
): Promise<Membership> {
  const declared = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Environment')
    .where('name', 'in', [environment, ...(listed ?? [])])
    .execute();
  const own = declared.find(({ name }) => name === environment)?.spec as EnvironmentSpec | undefined;
  if (own === undefined) throw environmentUnknown(environment);
  const others = declared.filter(({ name }) => name !== environment).map(({ spec }) => spec as EnvironmentSpec);
  const isMember =
    listed === null
      ? sql<SqlBool>`exists (select from placements p where p.cluster = clusters.name
          and p.environment = ${environment} and p.application = ${application})`
      : selects(own, others);
  const clusters = await db
    .selectFrom('clusters')
    .select(['name', 'labels', 'declared_labels'])
    .where('state', '!=', 'revoked')
    .where(isMember)
    .orderBy('name')
    .execute();
  const { clusters: _, ...rules } = own;
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
