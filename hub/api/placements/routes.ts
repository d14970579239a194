import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageOf } from '../../../proto/rest/page.ts';
import {
  Placement,
  PlacementParameters,
  PlacementQuery,
  PruneApproval,
  PruneApprovalRequest,
} from '../../../proto/rest/placements.ts';
import { approvePrune } from '../../fleet/approve-prune.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, notFound, principalOf, visibilityOf } from '../app.ts';
import { listPlacements } from './views.ts';

/** Which application is to run, and runs, on which cluster. */
export const placements: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/placements',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags: ['placements'],
        summary: 'List placements, by cluster and application',
        querystring: PlacementQuery,
        response: answers(PageOf(Placement)),
      },
    },
    (request) =>
      api.pager.page(
        'placements',
        request.query,
        (slice) => listPlacements(api.db, visibilityOf(request), request.query, slice),
        ({ cluster, application }) => [cluster, application],
      ),
  );

  app.post(
    '/clusters/:name/placements/:application/prune-approval',
    {
      config: { permission: 'prune.approve' },
      schema: {
        tags: ['placements'],
        summary: 'Let a release delete what it no longer has',
        description:
          'Where more than half of an application, or all of it, would be deleted, that waits for a person. The word holds once: for the release, in the environment of the cluster.',
        params: PlacementParameters,
        body: PruneApprovalRequest,
        response: answers(PruneApproval),
      },
    },
    async (request) => {
      const { name: cluster, application } = request.params;
      const slice = { after: null, limit: 1 };
      const [placement] = await listPlacements(api.db, visibilityOf(request), { cluster, application }, slice);
      if (placement === undefined) {
        throw notFound('placement', `${cluster}/${application}`, 'list them with `fairway status`');
      }
      const { release } = request.body;
      const approval = await approvePrune(api.db, {
        cluster,
        application,
        release,
        actor: principalOf(request).actor,
      });
      return { ...approval, clusters: [...approval.clusters] };
    },
  );
};
