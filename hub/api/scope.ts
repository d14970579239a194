import type { FastifyRequest } from 'fastify';
import { isEverywhere, type Scope } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import { principalOf } from './app.ts';

/**
 * Keeps a caller who is bound from a write that reaches beyond any bounds of that kind (T5).
 * @param why it reaches so far
 * @param field of the request that would bound it, if there is one
 * @throws FairwayError `scope-insufficient`
 */
export function requireEvery(kind: keyof Scope, request: FastifyRequest, why: string, field?: string): void {
  const { actor, scope } = principalOf(request);
  if (isEverywhere(scope[kind])) return;
  const bounds = scope[kind].join(', ');
  const remedy = `this takes a token whose ${kind} are *, for ${why}`;
  throw new FairwayError('scope-insufficient', `${actor} is bound to the ${kind} ${bounds}`, {
    ...(field === undefined ? { remedy } : { field, remedy: `name one of ${bounds} as ${field}: ${remedy}` }),
  });
}
