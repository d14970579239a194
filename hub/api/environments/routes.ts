import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NameParameters } from '../../../proto/rest/common.ts';
import { Environment, EnvironmentDetail, EnvironmentQuery } from '../../../proto/rest/environments.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, notFound, visibilityOf } from '../app.ts';
import { findEnvironment, listEnvironments } from './views.ts';

const tags = ['environments'];
const config = { permission: 'fleet.read' } as const;

/** Label selectors over clusters, with their rules. */
export const environments: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/environments',
    {
      config,
      schema: {
        tags,
        summary: 'List environments, by name',
        querystring: EnvironmentQuery,
        response: answers(PageOf(Environment)),
      },
    },
    (request) =>
      api.pager.page(
        'environments',
        request.query,
        (slice) => listEnvironments(api.db, visibilityOf(request), request.query, slice),
        ({ name }) => [name],
      ),
  );

  app.get(
    '/environments/:name',
    {
      config,
      schema: {
        tags,
        summary:
          'Show an environment: its members, and what is settled, pinned, held and on its way of each application',
        params: NameParameters,
        response: answers(EnvironmentDetail),
      },
    },
    async (request) => {
      const found = await findEnvironment(api.db, visibilityOf(request), request.params.name);
      if (found === null) throw notFound('environment', request.params.name, 'see /api/v1/environments for all');
      return found;
    },
  );
};
