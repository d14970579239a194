import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { FairwayError } from '../../../core/errors.ts';
import { NameParameters } from '../../../proto/rest/common.ts';
import { PageOf, PageQuery } from '../../../proto/rest/page.ts';
import { CredentialsState, Source, SourceAcceptance, SourceCredentials } from '../../../proto/rest/sources.ts';
import { acceptRewrite } from '../../sources/accept.ts';
import { removeCredentials, setCredentials } from '../../sources/credentials.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, notFound, principalOf, visibilityOf } from '../app.ts';
import { requireEvery } from '../scope.ts';
import { credentialsNameOf, findSource, listSources, usersOfCredentials } from './views.ts';

const tags = ['sources'];
const read = { permission: 'fleet.read' } as const;
const write = { permission: 'source.write' } as const;

/** The Git repositories that the hub follows. */
export const sources: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/sources',
    {
      config: read,
      schema: { tags, summary: 'List sources, by name', querystring: PageQuery, response: answers(PageOf(Source)) },
    },
    (request) =>
      api.pager.page(
        'sources',
        request.query,
        (slice) => listSources(api.db, visibilityOf(request), slice),
        ({ name }) => [name],
      ),
  );

  app.get(
    '/sources/:name',
    { config: read, schema: { tags, summary: 'Show a source', params: NameParameters, response: answers(Source) } },
    (request) => requireSource(request, request.params.name),
  );

  app.post(
    '/sources/:name/accept',
    {
      config: write,
      schema: {
        tags,
        summary: 'Take a head that does not descend from the one before',
        params: NameParameters,
        body: SourceAcceptance,
        response: answers(Source),
      },
    },
    async (request) => {
      const { name } = await requireSource(request, request.params.name);
      checkEverywhere(request);
      await acceptRewrite(api.db, name, request.body.commit, principalOf(request).actor);
      await api.loops.wake('source', name);
      return requireSource(request, name);
    },
  );

  app.put(
    '/sources/:name/credentials',
    {
      config: write,
      schema: {
        tags,
        summary: 'Set what a source is read with; nothing shows it again',
        description: 'NAME is a source, or the name that a source will give in spec.credentials.',
        params: NameParameters,
        body: SourceCredentials,
        response: answers(CredentialsState),
      },
    },
    async (request) => {
      const name = await credentialsName(request, request.params.name);
      await setCredentials(api.db, api.dataKey, principalOf(request).actor, name, request.body);
      return { name, stored: true, sources: await wakeUsers(name) };
    },
  );

  app.delete(
    '/sources/:name/credentials',
    {
      config: write,
      schema: {
        tags,
        summary: 'Forget what a source is read with',
        params: NameParameters,
        response: answers(CredentialsState),
      },
    },
    async (request) => {
      const name = await credentialsName(request, request.params.name);
      const removed = await removeCredentials(api.db, principalOf(request).actor, name);
      if (!removed) {
        throw new FairwayError('credentials-not-found', `There are no credentials ${JSON.stringify(name)}.`, {
          remedy: 'see which sources have some with `fairway source list`',
        });
      }
      return { name, stored: false, sources: await wakeUsers(name) };
    },
  );

  async function requireSource(request: FastifyRequest, name: string): Promise<Source> {
    const found = await findSource(api.db, visibilityOf(request), name);
    if (found === null) throw notFound('source', name, 'list them with `fairway source list`');
    return found;
  }

  /** A caller bound to tenants reaches only the credentials of sources that it sees, and that nobody else uses. */
  async function credentialsName(request: FastifyRequest, source: string): Promise<string> {
    checkEverywhere(request);
    const isBound = visibilityOf(request).tenants !== null;
    if (isBound) await requireSource(request, source);
    const name = await credentialsNameOf(api.db, source);
    const users = isBound ? await usersOfCredentials(api.db, name) : [];
    for (const user of users) if ((await findSource(api.db, visibilityOf(request), user)) === null) throw shared(name);
    return name;
  }

  function shared(name: string): FairwayError {
    return new FairwayError('scope-insufficient', `the credentials ${name} are those of other tenants’ sources too`, {
      remedy: 'have somebody do it whose token is bound to no tenants',
    });
  }

  function checkEverywhere(request: FastifyRequest): void {
    requireEvery('environments', request, 'what comes from a source goes to every environment');
  }

  async function wakeUsers(name: string): Promise<string[]> {
    const users = await usersOfCredentials(api.db, name);
    await Promise.all(users.map((source) => api.loops.wake('source', source)));
    return users;
  }
};
