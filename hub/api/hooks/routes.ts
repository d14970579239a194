import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { HookAnswer, HookQuery } from '../../../proto/rest/hooks.ts';
import { ProblemDocument } from '../../../proto/rest/problem.ts';
import { handleWebhook } from '../../sources/handle-webhook.ts';
import type { ApiOptions } from '../app.ts';

/** Where Git hosts say that somebody has pushed. It is public: the host's signature says whether to believe it. */
export const hooks: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  // The signature is over the bytes as they came, whatever they claim to be.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.post(
    '/hooks/git',
    {
      config: { permission: 'public' },
      schema: {
        tags: ['hooks'],
        summary: 'Take the push event of GitHub, GitLab, Gitea or Forgejo',
        security: [],
        querystring: HookQuery,
        response: { 202: HookAnswer, '4xx': ProblemDocument, '5xx': ProblemDocument },
      },
    },
    async (request, reply) => {
      const { headers, body, query } = request;
      const bytes = body instanceof Uint8Array ? body : new Uint8Array();
      const { sources } = await handleWebhook(api, { headers, body: bytes, source: query.source });
      return reply.code(202).send({ sources: [...sources] });
    },
  );
};
