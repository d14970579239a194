import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  Cluster,
  ClusterPatch,
  ClusterQuery,
  ClusterRegistration,
  JoinToken,
  JoinTokenRequest,
} from '../../../proto/rest/clusters.ts';
import { NameParameters } from '../../../proto/rest/common.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { issueJoinToken, registerCluster, relabelCluster, removeCluster } from '../../fleet/clusters.ts';
import type { IssuedToken } from '../../fleet/join-tokens.ts';
import { answers, creates } from '../answers.ts';
import { type ApiOptions, principalOf, visibilityOf } from '../app.ts';
import { parseDuration } from '../times.ts';
import { sendVersion } from '../versions.ts';
import { clusterDetails } from './details.ts';
import { clusterStanding } from './standing.ts';
import { checkFleetWide, commandOn, requireCluster } from './target.ts';
import { describeCluster, editableOf, listClusters } from './views.ts';

const tags = ['clusters'];
const read = { permission: 'fleet.read' } as const;
const write = { permission: 'cluster.write' } as const;

/** The clusters of the fleet: register, look at, label, remove; what they may receive and how they stand is beside. */
export const clusters: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  await app.register(clusterDetails, { api });
  await app.register(clusterStanding, { api });

  app.get(
    '/clusters',
    {
      config: read,
      schema: {
        tags,
        summary: 'List clusters, by name',
        querystring: ClusterQuery,
        response: answers(PageOf(Cluster)),
      },
    },
    (request) =>
      api.pager.page(
        'clusters',
        request.query,
        (slice) => listClusters(api.db, visibilityOf(request), request.query, slice),
        ({ name }) => [name],
      ),
  );

  app.get(
    '/clusters/:name',
    {
      config: read,
      schema: { tags, summary: 'Show a cluster', params: NameParameters, response: answers(Cluster) },
    },
    async (request, reply) => {
      const row = await requireCluster(api, request, request.params.name);
      sendVersion(reply, editableOf(row));
      return describeCluster(api.db, visibilityOf(request), row);
    },
  );

  app.post(
    '/clusters',
    {
      config: write,
      schema: {
        tags,
        summary: 'Register a cluster, and get the join token of its agent',
        body: ClusterRegistration,
        response: creates(JoinToken),
      },
    },
    async (request, reply) => {
      checkFleetWide(request);
      const { ttl, ...registration } = request.body;
      const registered = await registerCluster(api, {
        ...registration,
        actor: principalOf(request).actor,
        timeToLive: ttl === undefined ? undefined : parseDuration(ttl, 'ttl'),
      });
      return reply.code(201).send(joinToken(registered.cluster, registered));
    },
  );

  app.post(
    '/clusters/:name/join-tokens',
    {
      config: write,
      schema: {
        tags,
        summary: 'Get a fresh join token for a cluster that has not joined; the one before no longer counts',
        params: NameParameters,
        body: JoinTokenRequest,
        response: creates(JoinToken),
      },
    },
    async (request, reply) => {
      const command = await commandOn(api, request, request.params.name);
      const { ttl } = request.body;
      const issued = await issueJoinToken(api, {
        ...command,
        timeToLive: ttl === undefined ? undefined : parseDuration(ttl, 'ttl'),
      });
      const cluster = await requireCluster(api, request, command.name);
      return reply.code(201).send(joinToken(cluster, issued));
    },
  );

  app.patch(
    '/clusters/:name',
    {
      config: write,
      schema: {
        tags,
        summary: 'Change labels: null takes one away, what is not named stays',
        params: NameParameters,
        body: ClusterPatch,
        response: answers(Cluster),
      },
    },
    async (request, reply) => {
      checkFleetWide(request);
      const command = await commandOn(api, request, request.params.name);
      const row = await relabelCluster(api, { ...command, labels: request.body.labels });
      sendVersion(reply, editableOf(row));
      return describeCluster(api.db, visibilityOf(request), row);
    },
  );

  app.delete(
    '/clusters/:name',
    {
      config: { permission: 'cluster.remove' },
      schema: {
        tags,
        summary: 'Revoke a cluster and forget it; nothing in it is touched',
        params: NameParameters,
        response: answers(Cluster),
      },
    },
    async (request) => {
      checkFleetWide(request);
      const row = await requireCluster(api, request, request.params.name);
      const removed = await describeCluster(api.db, visibilityOf(request), row);
      await removeCluster(api, await commandOn(api, request, row.name));
      return removed;
    },
  );

  function joinToken(cluster: Parameters<typeof editableOf>[0], { token, expiresAt }: IssuedToken): JoinToken {
    return {
      cluster: cluster.name,
      token,
      expiresAt: expiresAt.toISOString(),
      hub: api.publicGrpc,
      agentImage: api.agentImage,
      allow: cluster.allow,
      warnings: isBounded(cluster.allow)
        ? []
        : [
            `cluster ${cluster.name} may receive anything, so its agent gets the rights of cluster-admin: --allow-kind and --allow-namespace bound it`,
          ],
    };
  }
};

function isBounded(allow: { kinds?: string[]; namespaces?: string[] } | null): boolean {
  return allow !== null && (allow.kinds !== undefined || allow.namespaces !== undefined);
}
