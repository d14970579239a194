import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Allowance, Cluster, Reason } from '../../../proto/rest/clusters.ts';
import { NameParameters } from '../../../proto/rest/common.ts';
import { allowCluster, cordonCluster, revokeCluster, uncordonCluster } from '../../fleet/clusters.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { sendVersion } from '../versions.ts';
import { checkFleetWide, commandOn } from './target.ts';
import { type ClusterRow, describeCluster, editableOf } from './views.ts';

const tags = ['clusters'];
const config = { permission: 'cluster.write' } as const;

/** What a cluster may receive, whether it is given anything new, and whether it is trusted at all. */
export const clusterStanding: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  async function show(request: FastifyRequest, reply: FastifyReply, row: ClusterRow): Promise<Cluster> {
    sendVersion(reply, editableOf(row));
    return describeCluster(api.db, visibilityOf(request), row);
  }

  app.put(
    '/clusters/:name/allow',
    {
      config,
      schema: {
        tags,
        summary: 'Bound what a cluster may receive',
        params: NameParameters,
        body: Allowance,
        response: answers(Cluster),
      },
    },
    async (request, reply) => {
      checkFleetWide(request);
      const command = await commandOn(api, request, request.params.name);
      return show(request, reply, await allowCluster(api, { ...command, allow: request.body }));
    },
  );

  app.delete(
    '/clusters/:name/allow',
    {
      config,
      schema: {
        tags,
        summary: 'Take the bounds of a cluster away: it may receive anything',
        params: NameParameters,
        response: answers(Cluster),
      },
    },
    async (request, reply) => {
      checkFleetWide(request);
      const command = await commandOn(api, request, request.params.name);
      return show(request, reply, await allowCluster(api, { ...command, allow: null }));
    },
  );

  app.post(
    '/clusters/:name/cordon',
    {
      config,
      schema: {
        tags,
        summary: 'Give a cluster nothing new; it keeps what it runs',
        params: NameParameters,
        body: Reason,
        response: answers(Cluster),
      },
    },
    async (request, reply) => {
      const command = await commandOn(api, request, request.params.name);
      const reason = request.body.reason ?? null;
      return show(request, reply, await cordonCluster(api, { ...command, reason }));
    },
  );

  app.post(
    '/clusters/:name/uncordon',
    {
      config,
      schema: {
        tags,
        summary: 'Let a cluster be given new releases again',
        params: NameParameters,
        response: answers(Cluster),
      },
    },
    async (request, reply) => {
      const command = await commandOn(api, request, request.params.name);
      return show(request, reply, await uncordonCluster(api, command));
    },
  );

  app.post(
    '/clusters/:name/revoke',
    {
      config,
      schema: {
        tags,
        summary: 'End the trust in a cluster at once; what runs in it goes on',
        params: NameParameters,
        body: Reason,
        response: answers(Cluster),
      },
    },
    async (request, reply) => {
      const command = await commandOn(api, request, request.params.name);
      const reason = request.body.reason ?? null;
      return show(request, reply, await revokeCluster(api, { ...command, reason }));
    },
  );
};
