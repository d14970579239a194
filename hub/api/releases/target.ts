import type { FastifyRequest } from 'fastify';
import type { Release } from '../../../proto/rest/releases.ts';
import { type Api, notFound, visibilityOf } from '../app.ts';
import { findRelease } from './views.ts';

/**
 * The release that a request is about.
 * @throws FairwayError `release-not-found`, also where it is out of the caller's scope
 */
export async function requireRelease({ db }: Api, request: FastifyRequest, id: string): Promise<Release> {
  const found = await findRelease(db, visibilityOf(request), id);
  if (found === null) throw notFound('release', id, 'list them with `fairway releases`');
  return found;
}
