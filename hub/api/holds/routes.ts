import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Hold, HoldChange, HoldLift, HoldParameters, HoldQuery, HoldRequest } from '../../../proto/rest/holds.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { type HoldCommand, liftHold, setHold } from '../../promotions/holds.ts';
import { answers, creates } from '../answers.ts';
import { type ApiOptions, principalOf, visibilityOf } from '../app.ts';
import { requireApplications, requireEnvironment } from '../reach.ts';
import { listHolds } from './views.ts';

const tags = ['holds'];
const config = { permission: 'hold.write' } as const;

/** Pins that automation leaves alone. */
export const holds: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/holds',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags,
        summary: 'List held pins, by environment and application',
        querystring: HoldQuery,
        response: answers(PageOf(Hold)),
      },
    },
    (request) =>
      api.pager.page(
        'holds',
        request.query,
        (slice) => listHolds(api.db, visibilityOf(request), request.query, slice),
        ({ environment, application }) => [environment, application],
      ),
  );

  app.post(
    '/holds',
    {
      config,
      schema: {
        tags,
        summary: 'Hold a pin: automation leaves it alone until the hold is lifted',
        body: HoldRequest,
        response: creates(HoldChange),
      },
    },
    async (request, reply) => {
      const { environment, application, reason } = request.body;
      const command = await commandOf(request, { environment, application }, reason);
      const { commit } = await setHold(api, command);
      return reply.code(201).send({ environment, application, commit });
    },
  );

  app.delete(
    '/holds/:environment/:application',
    {
      config,
      schema: {
        tags,
        summary: 'Lift the hold of a pin',
        params: HoldParameters,
        querystring: HoldLift,
        response: answers(HoldChange),
      },
    },
    async (request) => {
      const command = await commandOf(request, request.params, request.query.reason);
      const { commit } = await liftHold(api, command);
      return { ...request.params, commit };
    },
  );

  async function commandOf(
    request: FastifyRequest,
    { environment, application }: { readonly environment: string; readonly application: string },
    reason: string | undefined,
  ): Promise<HoldCommand> {
    await requireEnvironment(api, request, environment);
    await requireApplications(api, request, [application], 'application');
    return { environment, application, actor: principalOf(request).actor, reason: reason ?? null };
  }
};
