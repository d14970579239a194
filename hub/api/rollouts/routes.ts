import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NumberParameters } from '../../../proto/rest/common.ts';
import { PageOf, PageQuery } from '../../../proto/rest/page.ts';
import {
  Rollout,
  RolloutCluster,
  RolloutClusterQuery,
  RolloutDetail,
  RolloutQuery,
  RolloutStep,
} from '../../../proto/rest/rollouts.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { sendVersion } from '../versions.ts';
import { rolloutChanges } from './changes.ts';
import { describeRollout, listMembers, listSteps, memberKey } from './details.ts';
import { requireRollout } from './target.ts';
import { editableOf, listRollouts } from './views.ts';

const tags = ['rollouts'];
const config = { permission: 'fleet.read' } as const;

/** The journeys of releases over the clusters of their environments: to look at here, to steer beside. */
export const rollouts: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  await app.register(rolloutChanges, { api });

  app.get(
    '/rollouts',
    {
      config,
      schema: {
        tags,
        summary: 'List rollouts, newest first',
        querystring: RolloutQuery,
        response: answers(PageOf(Rollout)),
      },
    },
    (request) =>
      api.pager.page(
        'rollouts',
        request.query,
        (slice) => listRollouts(api.db, visibilityOf(request), request.query, slice),
        ({ id }) => [id],
      ),
  );

  app.get(
    '/rollouts/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Show a rollout: its waves, its budget, what it waits for and which clusters keep it',
        params: NumberParameters,
        response: answers(RolloutDetail),
      },
    },
    async (request, reply) => {
      const row = await requireRollout(api, request, request.params.id);
      sendVersion(reply, editableOf(row));
      return describeRollout(api.db, row);
    },
  );

  app.get(
    '/rollouts/:id/clusters',
    {
      config,
      schema: {
        tags,
        summary: 'List the clusters of a rollout, by wave and name',
        params: NumberParameters,
        querystring: RolloutClusterQuery,
        response: answers(PageOf(RolloutCluster)),
      },
    },
    async (request) => {
      const { id } = await requireRollout(api, request, request.params.id);
      return api.pager.page(
        `rollout-clusters ${id}`,
        request.query,
        (slice) => listMembers(api.db, id, request.query, slice),
        memberKey,
      );
    },
  );

  app.get(
    '/rollouts/:id/history',
    {
      config,
      schema: {
        tags,
        summary: 'List the steps that a rollout took, newest first',
        params: NumberParameters,
        querystring: PageQuery,
        response: answers(PageOf(RolloutStep)),
      },
    },
    async (request) => {
      const { id } = await requireRollout(api, request, request.params.id);
      return api.pager.page(
        `rollout-history ${id}`,
        request.query,
        (slice) => listSteps(api.db, id, slice),
        (step) => [step.id],
      );
    },
  );
};
