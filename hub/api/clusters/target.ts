import type { FastifyRequest } from 'fastify';
import { isEverywhere } from '../../../core/access.ts';
import { FairwayError } from '../../../core/errors.ts';
import { type Api, notFound, principalOf, visibilityOf } from '../app.ts';
import { checkVersion } from '../versions.ts';
import { type ClusterRow, editableOf, findClusterRow } from './views.ts';

/**
 * The cluster that a request is about, in the version that it names.
 * @throws FairwayError `cluster-not-found` (also where it is out of the caller's scope), `precondition-failed`
 */
export async function requireCluster({ db }: Api, request: FastifyRequest, name: string): Promise<ClusterRow> {
  const row = await findClusterRow(db, visibilityOf(request), name);
  if (row === null) throw notFound('cluster', name, 'list them with `fairway cluster list`');
  checkVersion(request, editableOf(row));
  return row;
}

/**
 * Labels and allowance decide which environments a cluster belongs to and what it may receive: to set them is to
 * reach beyond any one environment.
 * @throws FairwayError `scope-insufficient`
 */
export function checkFleetWide(request: FastifyRequest): void {
  const { actor, scope } = principalOf(request);
  if (isEverywhere(scope.environments)) return;
  throw new FairwayError(
    'scope-insufficient',
    `${actor} is bound to the environments ${scope.environments.join(', ')}`,
    {
      remedy: 'this takes a token whose environments are *, for it decides which environment a cluster belongs to',
    },
  );
}
