import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NumberParameters } from '../../../proto/rest/common.ts';
import {
  Approval,
  Override,
  PromotionCommand,
  PromotionDetail,
  PromotionRequest,
  PromotionsMade,
} from '../../../proto/rest/promotions.ts';
import {
  abortPromotion,
  approvePromotion,
  type PromotionCommand as Command,
  overrideGate,
  rejectPromotion,
} from '../../promotions/commands.ts';
import { requestPromotion } from '../../promotions/request.ts';
import { requirePermission } from '../access.ts';
import { answers, creates } from '../answers.ts';
import { type ApiOptions, principalOf } from '../app.ts';
import { requireApplications, requireEnvironment } from '../reach.ts';
import { checkVersion, sendVersion } from '../versions.ts';
import { describePromotionWhole } from './details.ts';
import { requirePromotion } from './target.ts';
import { describePromotion, editableOf, type PromotionRow } from './views.ts';

const tags = ['promotions'];
const params = NumberParameters;
const response = answers(PromotionDetail);

/** What people ask of promotions, and say to them. */
export const promotionChanges: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  /** The command of a request; `If-Match` keeps it from a promotion that is another one now. */
  async function commandOf(request: FastifyRequest, id: number, reason: string | undefined): Promise<Command> {
    const row = await requirePromotion(api, request, id);
    checkVersion(request, editableOf(row));
    const { actor, role } = principalOf(request);
    return { promotion: row.id, actor, role, reason: reason ?? null };
  }

  function answer(reply: FastifyReply, row: PromotionRow): Promise<PromotionDetail> {
    sendVersion(reply, editableOf(row));
    return describePromotionWhole(api.db, row);
  }

  app.post(
    '/promotions',
    {
      config: { permission: 'promotion.request' },
      schema: {
        tags,
        summary: 'Ask for applications to be promoted into an environment, as one commit, or to be taken away from it',
        body: PromotionRequest,
        response: creates(PromotionsMade),
      },
    },
    async (request, reply) => {
      const { environment, applications, remove = false, reason = null, override, ...wanted } = request.body;
      if (override !== undefined) requirePermission(request, 'promotion.override', 'override');
      await requireEnvironment(api, request, environment);
      await requireApplications(api, request, applications, 'applications');
      const { actor, role } = principalOf(request);
      const asked = { environment, applications, remove, reason, override, actor, role, ...wanted };
      const rows = await requestPromotion(api, asked);
      return reply.code(201).send({ items: rows.map(describePromotion) });
    },
  );

  app.post(
    '/promotions/:id/approve',
    {
      config: { permission: 'promotion.approve' },
      schema: {
        tags,
        summary: "Approve a promotion's plan, by its digest: an approval holds for that plan alone",
        params,
        body: Approval,
        response,
      },
    },
    async (request, reply) => {
      const { plan, reason } = request.body;
      const command = await commandOf(request, request.params.id, reason);
      return answer(reply, await approvePromotion(api, { ...command, plan }));
    },
  );

  app.post(
    '/promotions/:id/reject',
    {
      config: { permission: 'promotion.approve' },
      schema: { tags, summary: 'Refuse a promotion, which ends it', params, body: PromotionCommand, response },
    },
    async (request, reply) => {
      const command = await commandOf(request, request.params.id, request.body.reason);
      return answer(reply, await rejectPromotion(api, command));
    },
  );

  app.post(
    '/promotions/:id/abort',
    {
      config: { permission: 'promotion.request' },
      schema: { tags, summary: 'Give a promotion up before it rolls out', params, body: PromotionCommand, response },
    },
    async (request, reply) => {
      const command = await commandOf(request, request.params.id, request.body.reason);
      return answer(reply, await abortPromotion(api, command));
    },
  );

  app.post(
    '/promotions/:id/override',
    {
      config: { permission: 'promotion.override' },
      schema: { tags, summary: 'Open a gate by force, with a reason for the ledger', params, body: Override, response },
    },
    async (request, reply) => {
      const { gate, reason } = request.body;
      const command = await commandOf(request, request.params.id, reason);
      return answer(reply, await overrideGate(api, { ...command, gate }));
    },
  );
};
