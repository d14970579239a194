import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PlanAnswer, PlanRequest } from '../../../proto/rest/plans.ts';
import { previewPlans } from '../../plans/preview.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { requireCluster } from '../clusters/target.ts';
import { describePlan } from './views.ts';

/** What a release, or a commit before it is merged, would change on which clusters. */
export const plans: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.post(
    '/plans',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags: ['plans'],
        summary: 'Plan what a release or a commit would change, by cluster, object and field; nothing changes by it',
        body: PlanRequest,
        response: answers(PlanAnswer),
      },
    },
    async (request): Promise<PlanAnswer> => {
      const { cluster, ...wanted } = request.body;
      if (cluster !== undefined) await requireCluster(api, request, cluster);
      const { plans, unreleased, problems } = await previewPlans(api, visibilityOf(request), wanted);
      return { plans: plans.map((plan) => describePlan(plan, cluster)), problems: [...problems], unreleased };
    },
  );
};
