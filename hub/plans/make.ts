import { sql } from 'kysely';
import { assemblePlan, type Plan } from '../../core/change/plan.ts';
import type { MoveKind } from '../../core/promotion/types.ts';
import type { Target } from '../releases/bundles.ts';
import type { RenderContext } from '../releases/context.ts';
import { changesBetween } from './changes.ts';
import { findMembers } from './members.ts';
import { nothing, releaseSide, type Side, settledSide } from './side.ts';

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
  const { release } = request;
  const plan = await computePlan(context, request, async (members) =>
    release === null ? nothing : releaseSide(context, release, members),
  );
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
 * What would change on each cluster of an environment: from the settled release's bundle there to another one. Nothing
 * is written but renders that are missing.
 * @param afterOf what the clusters are to run then
 * @throws FairwayError `environment-not-found`, and those of `afterOf` and of the mirror, where a commit that has to be
 * rendered cannot be read now
 */
export async function computePlan(
  context: RenderContext,
  { environment, application, kind, release }: PlanRequest,
  afterOf: (members: readonly Target[]) => Promise<Side>,
): Promise<Plan> {
  const { rules, members } = await findMembers(context.db, environment);
  const [settled, after] = await Promise.all([
    settledSide(context, environment, application, members),
    afterOf(members),
  ]);
  const clusters = await changesBetween(context, members, settled.side, after);
  return assemblePlan({ environment, application, kind, release, previous: settled.release }, rules, clusters);
}
