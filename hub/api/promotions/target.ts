import type { FastifyRequest } from 'fastify';
import { type Api, notFound, visibilityOf } from '../app.ts';
import { findPromotionRow, type PromotionRow } from './views.ts';

/**
 * The promotion that a request is about.
 * @throws FairwayError `promotion-not-found`, also where it is out of the caller's scope
 */
export async function requirePromotion({ db }: Api, request: FastifyRequest, id: number): Promise<PromotionRow> {
  const row = await findPromotionRow(db, visibilityOf(request), id);
  if (row === null) throw notFound('promotion', id, 'list them with `fairway promotion list`');
  return row;
}
