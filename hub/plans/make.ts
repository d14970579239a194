import { sql } from 'kysely';
import { assemblePlan, type Plan } from '../../core/change/plan.ts';
import type { MoveKind } from '../../core/promotion/types.ts';
import type { RenderContext } from '../releases/context.ts';
import { type Candidate, releaseCandidate, removalCandidate } from './candidate.ts';
import { changesBetween } from './changes.ts';
import { settledRelease, sideInForce, sidePlaced } from './in-force.ts';
import { findMembers } from './members.ts';
import { findRelease } from './side.ts';

export interface PlanRequest {
  readonly environment: string;
  readonly application: string;
  readonly kind: MoveKind;
  /** Id of the release that the environment is to run; null: the application is taken away. */
  readonly release: string | null;
}

/**
 * Makes the plan of a promotion, and stores it under its digest (P2). Call it outside of any transaction, as often as
 * the promotion is looked at: what does not change costs a few queries.
 * @throws FairwayError `environment-not-found`, `release-not-found`, and those of the mirror where a commit that has to be
 * rendered cannot be read now
 */
export async function makePlan(context: RenderContext, request: PlanRequest): Promise<Plan> {
  const { environment, application, kind } = request;
  const release = request.release === null ? null : await findRelease(context.db, request.release);
  const candidate = release === null ? removalCandidate(application, null) : releaseCandidate(context, release, null);
  const plan = await computePlan(context, { environment, kind }, candidate);
  const content = JSON.stringify(plan.content);
  // Clusters may come and go without another set of changes: the newest word on them is kept.
  await context.db
    .insertInto('plans')
    .values({ digest: plan.digest, content })
    .onConflict((conflict) =>
      conflict
        .column('digest')
        .doUpdateSet({ content })
        .where(sql<boolean>`plans.content is distinct from excluded.content`),
    )
    .execute();
  return plan;
}

/**
 * What would change on each cluster of an environment: from the bundle that is in force there to that of a candidate.
 * Nothing is written but renders that are missing.
 * @throws FairwayError `environment-not-found`, and those of the mirror where a commit that has to be rendered cannot be
 * read now
 */
export async function computePlan(
  context: RenderContext,
  { environment, kind }: Pick<PlanRequest, 'environment' | 'kind'>,
  { application, release, environments, side }: Candidate,
): Promise<Plan> {
  const listed = release === null ? null : environments;
  const [{ rules, members }, previous] = await Promise.all([
    findMembers(context.db, { environment, application, listed }),
    settledRelease(context.db, environment, application),
  ]);
  const [before, after] = await Promise.all([
    release === null
      ? sidePlaced(context, environment, application)
      : sideInForce(context, environment, application, previous, members),
    side(members),
  ]);
  const clusters = await changesBetween(context, members, before, after);
  return assemblePlan({ environment, application, kind, release, previous }, rules, clusters);
}
