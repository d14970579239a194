import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageOf } from '../../../proto/rest/page.ts';
import { DeclarationProblem, ProblemQuery } from '../../../proto/rest/problems.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { listProblems } from './views.ts';

/** What is wrong in Git, as it stands now: file, line, field, remedy (G6). */
export const problems: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/problems',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags: ['problems'],
        summary: 'List what is wrong with what files declare',
        querystring: ProblemQuery,
        response: answers(PageOf(DeclarationProblem)),
      },
    },
    (request) =>
      api.pager.page(
        'problems',
        request.query,
        (slice) => listProblems(api.db, visibilityOf(request), request.query, slice),
        ({ id }) => [id],
      ),
  );
};
