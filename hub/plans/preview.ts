import { type Kysely, sql } from 'kysely';
import type { Plan } from '../../core/change/plan.ts';
import { FairwayError, type Problem } from '../../core/errors.ts';
import { applicationNamedVisible, environmentVisible, seesTenant, type Visibility } from '../access/visibility.ts';
import type { RenderContext } from '../releases/context.ts';
import type { Schema } from '../store/schema.ts';
import { type Candidate, type Candidates, removalCandidate } from './candidate.ts';
import { findCandidates, unknownApplication, type Wanted } from './find-candidates.ts';
import { computePlan } from './make.ts';
import { environmentUnknown } from './members.ts';

export interface PreviewRequest extends Wanted {
  /** Only this one. */
  readonly environment?: string | undefined;
  /** What taking the application away would do. */
  readonly remove?: boolean | undefined;
}

export interface Preview {
  readonly plans: readonly Plan[];
  /** What is planned is a commit, and no release. */
  readonly unreleased: boolean;
  /** What is wrong at that commit. */
  readonly problems: readonly Problem[];
}

/**
 * What a release, or any commit of a source, would change in each environment that it is for, as far as the caller
 * sees. Nothing is stored but renders of releases, and nothing is promised: a promotion has a plan of its own.
 * @throws FairwayError as `findCandidates` does; `environment-not-found`, `environment-not-listed`
 */
export async function previewPlans(
  context: RenderContext,
  visibility: Visibility,
  request: PreviewRequest,
): Promise<Preview> {
  const { application } = request;
  const environments = await visibleEnvironments(context.db, visibility, request.environment);
  const known = application !== undefined && (await isSeen(context.db, visibility, application));
  const { candidates, problems } = request.remove
    ? await removalOf(context.db, application)
    : await findCandidates(context, request);
  const seen = await visibleOnly(context.db, visibility, candidates);
  if (application !== undefined && seen.length < candidates.length) throw unknownApplication(application);
  const plans: Plan[] = [];
  for (const candidate of seen) {
    for (const environment of environments) {
      if (candidate.environments.includes(environment)) {
        const kind = candidate.release === null ? 'removal' : 'release';
        plans.push(await computePlan(context, { environment, kind }, candidate));
      } else if (request.environment !== undefined && application !== undefined)
        throw notListed(candidate, environment);
    }
  }
  // A file that cannot be read does not say whose it is.
  const told = known || visibility.tenants === null ? problems : [];
  return { plans, unreleased: seen.some(({ released }) => !released), problems: told };
}

/**
 * True for an application that the caller sees, false for one that the hub does not know.
 * @throws FairwayError `application-not-found` for one of another tenant
 */
async function isSeen(db: Kysely<Schema>, visibility: Visibility, application: string): Promise<boolean> {
  const row = await db
    .selectFrom('applications')
    .select(sql<boolean>`${applicationNamedVisible(visibility, 'applications.name')}`.as('seen'))
    .where('name', '=', application)
    .executeTakeFirst();
  if (row?.seen === false) throw unknownApplication(application);
  return row !== undefined;
}

/** Taking an application away, wherever it is settled. */
async function removalOf(db: Kysely<Schema>, application: string | undefined): Promise<Candidates> {
  if (application === undefined) {
    throw new FairwayError('application-missing', 'it is not said which application is to be taken away', {
      field: 'application',
    });
  }
  const [known, settled] = await Promise.all([
    db.selectFrom('applications').select('tenant').where('name', '=', application).executeTakeFirst(),
    db
      .selectFrom('settlements')
      .select('environment')
      .where('application', '=', application)
      .where('superseded_at', 'is', null)
      .execute(),
  ]);
  if (known === undefined) throw unknownApplication(application);
  const environments = settled.map(({ environment }) => environment);
  return { candidates: [removalCandidate(application, known.tenant, environments)], problems: [] };
}

/** @throws FairwayError `environment-not-found` where one is named that the caller does not see */
async function visibleEnvironments(
  db: Kysely<Schema>,
  visibility: Visibility,
  named: string | undefined,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('declarations')
    .select('name')
    .where('kind', '=', 'Environment')
    .where(environmentVisible(visibility, 'declarations.name'))
    .where(named === undefined ? sql<boolean>`true` : sql<boolean>`name = ${named}`)
    .orderBy('name')
    .execute();
  if (named !== undefined && rows.length === 0) throw environmentUnknown(named);
  return rows.map(({ name }) => name);
}

/** Those of the caller's tenants: by what the commit says, and by what the hub knows the application as. */
async function visibleOnly(
  db: Kysely<Schema>,
  visibility: Visibility,
  candidates: readonly Candidate[],
): Promise<Candidate[]> {
  const names = candidates.map(({ application }) => application);
  const hidden = await db
    .selectFrom('applications')
    .select('name')
    .where('name', 'in', names.length === 0 ? [''] : names)
    .where(sql<boolean>`not ${applicationNamedVisible(visibility, 'applications.name')}`)
    .execute();
  const others = new Set(hidden.map(({ name }) => name));
  return candidates.filter(({ application, tenant }) => !others.has(application) && seesTenant(visibility, tenant));
}

function notListed({ application, release, environments }: Candidate, environment: string): FairwayError {
  const list = environments.length === 0 ? 'none' : environments.join(', ');
  const what = release === null ? `Application ${application} is settled in` : `Release ${release} is for`;
  return new FairwayError('environment-not-listed', `${what} the environments ${list}, and not ${environment}.`, {
    field: 'environment',
    remedy: release === null ? 'name another environment' : `add ${environment} to spec.environments of its app.yaml`,
  });
}
