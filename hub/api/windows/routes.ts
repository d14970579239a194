import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageOf } from '../../../proto/rest/page.ts';
import { Window, WindowQuery } from '../../../proto/rest/windows.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { listWindows } from './views.ts';

/** When promotions and waves may start. */
export const windows: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/windows',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags: ['windows'],
        summary: 'List windows, by name: whether each lets through now, since when, and when that changes',
        querystring: WindowQuery,
        response: answers(PageOf(Window)),
      },
    },
    (request) =>
      api.pager.page(
        'windows',
        request.query,
        (slice) => listWindows(api.db, visibilityOf(request), request.query, slice, api.now()),
        ({ name }) => [name],
      ),
  );
};
