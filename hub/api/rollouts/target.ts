import type { FastifyRequest } from 'fastify';
import { FairwayError } from '../../../core/errors.ts';
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

/**
 * The same, where no other one of its application and environment came after it.
 * @throws FairwayError `rollout-not-found`, `rollout-not-newest`
 */
export async function requireNewest(api: Api, request: FastifyRequest, id: number): Promise<RolloutRow> {
  const row = await requireRollout(api, request, id);
  const later = await api.db
    .selectFrom('rollouts')
    .select('id')
    .where('environment', '=', row.environment)
    .where('application', '=', row.application)
    .where('id', '>', id)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (later === undefined) return row;
  throw new FairwayError('rollout-not-newest', `Rollout ${later.id} came after rollout ${id}.`, {
    remedy: `roll that one back: \`fairway rollback ${row.application} --env ${row.environment}\``,
  });
}
