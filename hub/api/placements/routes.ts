import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageOf } from '../../../proto/rest/page.ts';
import { Placement, PlacementQuery } from '../../../proto/rest/placements.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
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
};
