import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageOf, PageQuery } from '../../../proto/rest/page.ts';
import { Release, ReleaseBundle, ReleaseParameters, ReleaseQuery } from '../../../proto/rest/releases.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { releaseChecks } from './check-routes.ts';
import { requireRelease } from './target.ts';
import { listBundles, listReleases } from './views.ts';

const tags = ['releases'];
const config = { permission: 'fleet.read' } as const;

/** Applications at one commit: immutable, rendered, checked. */
export const releases: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  await app.register(releaseChecks, { api });

  app.get(
    '/releases',
    {
      config,
      schema: {
        tags,
        summary: 'List releases, newest first',
        querystring: ReleaseQuery,
        response: answers(PageOf(Release)),
      },
    },
    (request) =>
      api.pager.page(
        'releases',
        request.query,
        (slice) => listReleases(api.db, visibilityOf(request), request.query, slice),
        ({ sequence }) => [sequence],
      ),
  );

  app.get(
    '/releases/:id',
    { config, schema: { tags, summary: 'Show a release', params: ReleaseParameters, response: answers(Release) } },
    (request) => requireRelease(api, request, request.params.id),
  );

  app.get(
    '/releases/:id/bundles',
    {
      config,
      schema: {
        tags,
        summary: 'List what a release was rendered to, by digest',
        params: ReleaseParameters,
        querystring: PageQuery,
        response: answers(PageOf(ReleaseBundle)),
      },
    },
    async (request) => {
      const { id } = await requireRelease(api, request, request.params.id);
      return api.pager.page(
        `bundles ${id}`,
        request.query,
        (slice) => listBundles(api.db, visibilityOf(request), id, slice),
        ({ renderKey }) => [renderKey],
      );
    },
  );
};
