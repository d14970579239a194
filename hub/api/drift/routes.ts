import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { DriftParameters, DriftQuery, DriftRecord } from '../../../proto/rest/drift.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, notFound, visibilityOf } from '../app.ts';
import { driftKey, findDrift, listDrift } from './views.ts';

const tags = ['drift'];
const config = { permission: 'fleet.read' } as const;

/** Live objects that differ, or differed, from their bundle. */
export const drift: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/drift',
    {
      config,
      schema: {
        tags,
        summary: 'List drift, newest first',
        querystring: DriftQuery,
        response: answers(PageOf(DriftRecord)),
      },
    },
    (request) =>
      api.pager.page(
        'drift',
        request.query,
        (slice) => listDrift(api.db, visibilityOf(request), request.query, slice),
        driftKey,
      ),
  );

  app.get(
    '/drift/:id',
    { config, schema: { tags, summary: 'Show a drift', params: DriftParameters, response: answers(DriftRecord) } },
    async (request) => {
      const found = await findDrift(api.db, visibilityOf(request), request.params.id);
      if (found === null) throw notFound('drift', request.params.id, 'list drift with `fairway drift list`');
      return found;
    },
  );
};
