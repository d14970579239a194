import { sql } from 'kysely';
import { assemblePlan, type Plan } from '../../core/change/plan.ts';
import type { MoveKind } from '../../core/promotion/types.ts';
import type { RenderContext } from '../releases/context.ts';
import { changesBetween } from './changes.ts';
import { findMembers } from './members.ts';
import { nothing, releaseSide, settledSide } from './side.ts';

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
 * @throws as `computePlan` does
 */
export async function makePlan(context: RenderContext, request: PlanRequest): Promise<Plan> {
  const plan = await computePlan(context, request);
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
 * What a promotion would do to each cluster of its environment: from the settled release's bundle there to that of the
 * release in question. What is not rendered yet is rendered and stored; nothing else is written.
 * @throws FairwayError `environment-not-found`, `release-not-found`, and those of the mirror where a commit that has to
 * be rendered cannot be read now
 */
export async function computePlan(context: RenderContext, request: PlanRequest): Promise<Plan> {
  const { environment, application, kind, release } = request;
  const { rules, members } = await findMembers(context.db, environment);
  const settled = await settledSide(context, environment, application, members);
  const after = release === null ? nothing : await releaseSide(context, release, members);
  const clusters = await changesBetween(context, members, settled.side, after);
  return assemblePlan({ environment, application, kind, release, previous: settled.release }, rules, clusters);
}
