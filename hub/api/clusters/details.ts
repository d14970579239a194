import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { ClusterResource } from '../../../proto/rest/clusters.ts';
import { NameParameters } from '../../../proto/rest/common.ts';
import { ClusterDriftQuery, DriftRecord } from '../../../proto/rest/drift.ts';
import { ClusterEventQuery, FleetEvent } from '../../../proto/rest/events.ts';
import { PageOf, PageQuery } from '../../../proto/rest/page.ts';
import { ClusterPlacementQuery, Placement } from '../../../proto/rest/placements.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { driftKey, listDrift } from '../drift/views.ts';
import { listEvents } from '../events/views.ts';
import { listPlacements } from '../placements/views.ts';
import { listResources } from './resources.ts';
import { requireCluster } from './target.ts';

const tags = ['clusters'];
const config = { permission: 'fleet.read' } as const;

/** What stands and what happened on one cluster. */
export const clusterDetails: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/clusters/:name/placements',
    {
      config,
      schema: {
        tags,
        summary: 'List what a cluster is to run, and what it runs',
        params: NameParameters,
        querystring: ClusterPlacementQuery,
        response: answers(PageOf(Placement)),
      },
    },
    async (request) => {
      const { name: cluster } = await requireCluster(api, request, request.params.name);
      const query = { ...request.query, cluster };
      return api.pager.page(
        'placements',
        query,
        (slice) => listPlacements(api.db, visibilityOf(request), query, slice),
        ({ cluster, application }) => [cluster, application],
      );
    },
  );

  app.get(
    '/clusters/:name/resources',
    {
      config,
      schema: {
        tags,
        summary: 'List the objects that Fairway keeps on a cluster',
        params: NameParameters,
        querystring: PageQuery,
        response: answers(PageOf(ClusterResource)),
      },
    },
    async (request) => {
      const { name } = await requireCluster(api, request, request.params.name);
      return api.pager.page(
        `resources ${name}`,
        request.query,
        (slice) => listResources(api.db, visibilityOf(request), name, slice),
        ({ application, object }) => [application, object.group, object.kind, object.namespace, object.name],
      );
    },
  );

  app.get(
    '/clusters/:name/drift',
    {
      config,
      schema: {
        tags,
        summary: 'List drift on a cluster, newest first',
        params: NameParameters,
        querystring: ClusterDriftQuery,
        response: answers(PageOf(DriftRecord)),
      },
    },
    async (request) => {
      const { name: cluster } = await requireCluster(api, request, request.params.name);
      const query = { ...request.query, cluster };
      return api.pager.page(
        'drift',
        query,
        (slice) => listDrift(api.db, visibilityOf(request), query, slice),
        driftKey,
      );
    },
  );

  app.get(
    '/clusters/:name/events',
    {
      config,
      schema: {
        tags,
        summary: 'List what happened on a cluster, newest first',
        params: NameParameters,
        querystring: ClusterEventQuery,
        response: answers(PageOf(FleetEvent)),
      },
    },
    async (request) => {
      const { name: cluster } = await requireCluster(api, request, request.params.name);
      const query = { ...request.query, cluster };
      return api.pager.page(
        'events',
        query,
        (slice) => listEvents(api.db, visibilityOf(request), query, slice),
        ({ id }) => [id],
      );
    },
  );
};
