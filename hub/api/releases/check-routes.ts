import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Check, CheckQuery, CheckReport } from '../../../proto/rest/checks.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { ReleaseParameters } from '../../../proto/rest/releases.ts';
import { reportCheck } from '../../promotions/report-check.ts';
import { answers, creates } from '../answers.ts';
import { type ApiOptions, principalOf, visibilityOf } from '../app.ts';
import { requireEnvironment } from '../reach.ts';
import { requireEvery } from '../scope.ts';
import { describeCheck, listChecks } from './check-views.ts';
import { requireRelease } from './target.ts';

const tags = ['releases'];

/** What systems found of a release: verdicts that gates ask for. */
export const releaseChecks: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.post(
    '/releases/:id/checks',
    {
      config: { permission: 'check.report' },
      schema: {
        tags,
        summary: 'Report what a system found of a release; of each name the latest verdict counts',
        params: ReleaseParameters,
        body: CheckReport,
        response: creates(Check),
      },
    },
    async (request, reply) => {
      const { id: release } = await requireRelease(api, request, request.params.id);
      const { name, verdict, environment = null, detail = null, url = null } = request.body;
      if (environment !== null) await requireEnvironment(api, request, environment);
      else
        requireEvery(
          'environments',
          request,
          'a verdict that names none counts wherever the release goes',
          'environment',
        );
      const { actor } = principalOf(request);
      const row = await reportCheck(api, { release, environment, name, verdict, detail, url, actor });
      return reply.code(201).send(describeCheck(row));
    },
  );

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
