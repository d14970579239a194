import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Check, CheckQuery } from '../../../proto/rest/checks.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { ReleaseParameters } from '../../../proto/rest/releases.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { listChecks } from './check-views.ts';
import { requireRelease } from './target.ts';

const tags = ['releases'];

/** What systems found of a release: verdicts that gates ask for. */
export const releaseChecks: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/releases/:id/checks',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags,
        summary: 'List the verdicts on a release, newest first',
        params: ReleaseParameters,
        querystring: CheckQuery,
        response: answers(PageOf(Check)),
      },
    },
    async (request) => {
      const { id } = await requireRelease(api, request, request.params.id);
      return api.pager.page(
        `checks ${id}`,
        request.query,
        (slice) => listChecks(api.db, visibilityOf(request), id, request.query, slice),
        (check) => [check.id],
      );
    },
  );
};
