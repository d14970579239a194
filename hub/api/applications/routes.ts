import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Application, ApplicationDetail, ApplicationQuery } from '../../../proto/rest/applications.ts';
import { NameParameters } from '../../../proto/rest/common.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, notFound, visibilityOf } from '../app.ts';
import { findApplication, listApplications } from './views.ts';

const tags = ['applications'];
const config = { permission: 'fleet.read' } as const;

/** The units of delivery, as Git declares them. */
export const applications: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/applications',
    {
      config,
      schema: {
        tags,
        summary: 'List applications, by name',
        querystring: ApplicationQuery,
        response: answers(PageOf(Application)),
      },
    },
    (request) =>
      api.pager.page(
        'applications',
        request.query,
        (slice) => listApplications(api.db, visibilityOf(request), request.query, slice),
        ({ name }) => [name],
      ),
  );

  app.get(
    '/applications/:name',
    {
      config,
      schema: {
        tags,
        summary: 'Show an application, and where it stands in each environment',
        params: NameParameters,
        response: answers(ApplicationDetail),
      },
    },
    async (request) => {
      const found = await findApplication(api.db, visibilityOf(request), request.params.name);
      if (found === null) throw notFound('application', request.params.name, 'see /api/v1/applications for all');
      return found;
    },
  );
};
