import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NumberParameters } from '../../../proto/rest/common.ts';
import { Promotion } from '../../../proto/rest/promotions.ts';
import {
  RetryRequest,
  RollbackRequest,
  Rollout,
  RolloutCommand,
  SkipRequest,
  WaveApproval,
} from '../../../proto/rest/rollouts.ts';
import { rollBack } from '../../promotions/roll-back.ts';
import {
  abortRollout,
  approveWave,
  type RolloutCommand as Command,
  pauseRollout,
  resumeRollout,
  retryRollout,
  skipCluster,
} from '../../rollouts/commands.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, principalOf } from '../app.ts';
import { describePromotion } from '../promotions/views.ts';
import { checkVersion, sendVersion } from '../versions.ts';
import { requireNewest, requireRollout } from './target.ts';
import { describeRollouts, editableOf, type RolloutRow } from './views.ts';

const tags = ['rollouts'];
const config = { permission: 'rollout.control' } as const;
const params = NumberParameters;
const response = answers(Rollout);

/** The commands that say nothing but a reason. */
const plain = [
  ['pause', 'Start nothing more; what is in flight may end', pauseRollout],
  ['resume', 'Go on, without the clusters that failed', resumeRollout],
  ['abort', 'End it where it is: clusters run what they run', abortRollout],
] as const;

/** What people tell a rollout to do. Asking twice is asking once (R7). */
export const rolloutChanges: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  /** The command of a request; `If-Match` keeps it from a rollout that has moved on since its caller looked. */
  async function commandOf(request: FastifyRequest, id: number, reason: string | undefined): Promise<Command> {
    const row = await requireRollout(api, request, id);
    checkVersion(request, editableOf(row));
    return { rollout: row.id, actor: principalOf(request).actor, reason: reason ?? null };
  }

  async function answer(reply: FastifyReply, row: RolloutRow): Promise<Rollout> {
    sendVersion(reply, editableOf(row));
    const [rollout] = await describeRollouts(api.db, [row]);
    if (rollout === undefined) throw new Error('one row makes one rollout');
    return rollout;
  }

  for (const [verb, summary, carryOut] of plain) {
    app.post(
      `/rollouts/:id/${verb}`,
      { config, schema: { tags, summary, params, body: RolloutCommand, response } },
      async (request, reply) => {
        const command = await commandOf(request, request.params.id, request.body.reason);
        return answer(reply, await carryOut(api, command));
      },
    );
  }

  app.post(
    '/rollouts/:id/retry',
    {
      config,
      schema: { tags, summary: 'Try clusters again that failed or were skipped', params, body: RetryRequest, response },
    },
    async (request, reply) => {
      const { clusters = null, reason } = request.body;
      const command = await commandOf(request, request.params.id, reason);
      return answer(reply, await retryRollout(api, { ...command, clusters }));
    },
  );

  app.post(
    '/rollouts/:id/skip',
    {
      config,
      schema: { tags, summary: 'Go on without a cluster, which catches up later', params, body: SkipRequest, response },
    },
    async (request, reply) => {
      const { cluster, reason } = request.body;
      const command = await commandOf(request, request.params.id, reason);
      return answer(reply, await skipCluster(api, { ...command, cluster }));
    },
  );

  app.post(
    '/rollouts/:id/approve',
    {
      config: { permission: 'promotion.approve' },
      schema: {
        tags,
        summary: 'Open the gate of a wave that waits for a person',
        params,
        body: WaveApproval,
        response,
      },
    },
    async (request, reply) => {
      const { wave = null, reason } = request.body;
      const command = await commandOf(request, request.params.id, reason);
      return answer(reply, await approveWave(api, { ...command, wave }));
    },
  );

  app.post(
    '/rollouts/:id/rollback',
    {
      config,
      schema: {
        tags,
        summary: 'Give the clusters back what was settled before, at once and through no gate; the pin is held then',
        description:
          'Of a rollout that is under way: what is settled. Of the last one that has ended: the last other release that settled in its environment, or the one that is named.',
        params,
        body: RollbackRequest,
        response: answers(Promotion),
      },
    },
    async (request) => {
      const { to = null, reason } = request.body;
      const { actor, reason: why } = await commandOf(request, request.params.id, reason);
      const { environment, application } = await requireNewest(api, request, request.params.id);
      return describePromotion(await rollBack(api, { environment, application, to, actor, reason: why }));
    },
  );
};
