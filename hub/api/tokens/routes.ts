import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { PageOf, PageQuery } from '../../../proto/rest/page.ts';
import { CreatedToken, Token, TokenParameters, TokenRequest } from '../../../proto/rest/tokens.ts';
import { createToken, revokeToken } from '../../access/tokens.ts';
import { answers, creates } from '../answers.ts';
import { type ApiOptions, principalOf } from '../app.ts';
import { parseDuration } from '../times.ts';
import { describeToken, listTokens } from './views.ts';

const tags = ['tokens'];
const config = { permission: 'token.manage' } as const;
const standardLifetime = '90d';

/** Named tokens: shown once, stored as a hash, with a role, a scope and an end (T6). */
export const tokens: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/tokens',
    {
      config,
      schema: { tags, summary: 'List tokens, by name', querystring: PageQuery, response: answers(PageOf(Token)) },
    },
    (request) =>
      api.pager.page(
        'tokens',
        request.query,
        (slice) => listTokens(api.db, principalOf(request).scope, slice),
        ({ name }) => [name],
      ),
  );

  app.post(
    '/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Make a token; this answer is the only one that shows it',
        body: TokenRequest,
        response: creates(CreatedToken),
      },
    },
    async (request, reply) => {
      const { name, role, environments = ['*'], tenants = ['*'], ttl = standardLifetime, email } = request.body;
      const expiresAt = ttl === null ? null : new Date(api.now() + parseDuration(ttl, 'ttl'));
      const { row, secret } = await createToken(api.db, principalOf(request), {
        name,
        role,
        scope: { environments, tenants },
        expiresAt,
        email,
      });
      return reply.code(201).send({ ...describeToken(row), token: secret });
    },
  );

  app.delete(
    '/tokens/:id',
    {
      config,
      schema: { tags, summary: 'Revoke a token, by id or name', params: TokenParameters, response: answers(Token) },
    },
    async (request) => describeToken(await revokeToken(api.db, principalOf(request), request.params.id)),
  );
};
