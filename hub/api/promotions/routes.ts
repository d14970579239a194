import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { FairwayError } from '../../../core/errors.ts';
import { NumberParameters } from '../../../proto/rest/common.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { Plan, PlanQuery } from '../../../proto/rest/plans.ts';
import { Promotion, PromotionDetail, PromotionQuery } from '../../../proto/rest/promotions.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { requireCluster } from '../clusters/target.ts';
import { describePlan } from '../plans/views.ts';
import { sendVersion } from '../versions.ts';
import { promotionChanges } from './changes.ts';
import { describePromotionWhole, readPlan } from './details.ts';
import { requirePromotion } from './target.ts';
import { editableOf, listPromotions } from './views.ts';

const tags = ['promotions'];
const config = { permission: 'fleet.read' } as const;

/** Requests to move pins, whoever made them: to look at here, to ask and answer beside. */
export const promotions: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  await app.register(promotionChanges, { api });

  app.get(
    '/promotions',
    {
      config,
      schema: {
        tags,
        summary: 'List promotions, newest first',
        querystring: PromotionQuery,
        response: answers(PageOf(Promotion)),
      },
    },
    (request) =>
      api.pager.page(
        'promotions',
        request.query,
        (slice) => listPromotions(api.db, visibilityOf(request), request.query, slice),
        ({ id }) => [id],
      ),
  );

  app.get(
    '/promotions/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Show a promotion: what it waits for, its approvals, checks and overrides, and how much it changes',
        params: NumberParameters,
        response: answers(PromotionDetail),
      },
    },
    async (request, reply) => {
      const row = await requirePromotion(api, request, request.params.id);
      sendVersion(reply, editableOf(row));
      return describePromotionWhole(api.db, row);
    },
  );

  app.get(
    '/promotions/:id/plan',
    {
      config,
      schema: {
        tags,
        summary: 'Show what a promotion changes, by cluster, object and field',
        params: NumberParameters,
        querystring: PlanQuery,
        response: answers(Plan),
      },
    },
    async (request) => {
      const { id, plan_digest } = await requirePromotion(api, request, request.params.id);
      const { cluster } = request.query;
      if (cluster !== undefined) await requireCluster(api, request, cluster);
      const plan = await readPlan(api.db, plan_digest);
      if (plan !== null) return describePlan(plan, cluster);
      throw new FairwayError('plan-not-found', `Promotion ${id} has no plan.`, {
        remedy: 'see what keeps it from one with `fairway promotion show`',
      });
    },
  );
};
