import type { TSchema } from 'typebox';
import { ProblemDocument } from '../../proto/rest/problem.ts';

/** The `response` of a route's schema: what it answers when all is well, and problem documents for the rest. */
export function answers<T extends TSchema>(body: T) {
  return { 200: body, '4xx': ProblemDocument, '5xx': ProblemDocument };
}

/** The same, for a route that makes something. */
export function creates<T extends TSchema>(body: T) {
  return { 201: body, '4xx': ProblemDocument, '5xx': ProblemDocument };
}
