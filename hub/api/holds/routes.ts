import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Hold, HoldQuery } from '../../../proto/rest/holds.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { listHolds } from './views.ts';

const tags = ['holds'];

/** Pins that automation leaves alone. */
export const holds: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/holds',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags,
        summary: 'List held pins, by environment and application',
        querystring: HoldQuery,
        response: answers(PageOf(Hold)),
      },
    },
    (request) =>
      api.pager.page(
        'holds',
        request.query,
        (slice) => listHolds(api.db, visibilityOf(request), request.query, slice),
        ({ environment, application }) => [environment, application],
      ),
  );
};
