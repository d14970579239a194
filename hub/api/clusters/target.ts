import type { FastifyRequest } from 'fastify';
import type { ClusterCommand } from '../../fleet/clusters.ts';
import { type Api, notFound, principalOf, visibilityOf } from '../app.ts';
import { requireEvery } from '../scope.ts';
import { checkVersion } from '../versions.ts';
import { type ClusterRow, editableOf, findClusterRow } from './views.ts';

/**
 * The cluster that a request is about.
 * @throws FairwayError `cluster-not-found`, also where it is out of the caller's scope
 */
export async function requireCluster({ db }: Api, request: FastifyRequest, name: string): Promise<ClusterRow> {
  const row = await findClusterRow(db, visibilityOf(request), name);
  if (row === null) throw notFound('cluster', name, 'list them with `fairway cluster list`');
  return row;
}

/**
 * A request's command on a cluster. Its version is compared under the row's lock, so of two writes on one version
 * only one goes through (`precondition-failed`).
 * @throws FairwayError `cluster-not-found`, also where it is out of the caller's scope; `scope-insufficient`
 */
export async function commandOn(api: Api, request: FastifyRequest, cluster: string): Promise<ClusterCommand> {
  const { name } = await requireCluster(api, request, cluster);
  requireEvery('tenants', request, 'a cluster runs the applications of all tenants');
  return { name, actor: principalOf(request).actor, expect: (row) => checkVersion(request, editableOf(row)) };
}

/**
 * Labels and allowance decide which environments a cluster belongs to and what it may receive: to set them is to
 * reach beyond any one environment and tenant.
 * @throws FairwayError `scope-insufficient`
 */
export function checkFleetWide(request: FastifyRequest): void {
  requireEvery('environments', request, 'it decides which environment a cluster belongs to');
  requireEvery('tenants', request, 'a cluster runs the applications of all tenants');
}
