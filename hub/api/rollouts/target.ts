import type { FastifyRequest } from 'fastify';
import { type Api, notFound, visibilityOf } from '../app.ts';
import { findRolloutRow, type RolloutRow } from './views.ts';

/**
 * The rollout that a request is about.
 * @throws FairwayError `rollout-not-found`, also where it is out of the caller's scope
 */
export async function requireRollout({ db }: Api, request: FastifyRequest, id: number): Promise<RolloutRow> {
  const row = await findRolloutRow(db, visibilityOf(request), id);
  if (row === null) throw notFound('rollout', id, 'list them with `fairway rollout list`');
  return row;
}
