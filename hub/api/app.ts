import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { Permission, Principal } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import type { Visibility } from '../access/visibility.ts';
import type { ApiContext } from './context.ts';
import type { Pager } from './pager.ts';

/** A Fastify instance whose routes are typed by their schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What every resource's plugin is given. */
export interface Api extends ApiContext {
  readonly now: () => number;
  readonly pager: Pager;
}

export interface ApiOptions {
  readonly api: Api;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What the caller must be allowed to do (T5). `public`: nobody needs to be recognised; `authenticated`: somebody,
     * whoever it is. A route without it keeps the server from starting.
     */
    permission?: Permission | 'public' | 'authenticated';
  }
  interface FastifyRequest {
    /** Null on a public route. */
    principal: Principal | null;
    visibility: Visibility | null;
  }
}

/** Who calls. Only for routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`${request.routeOptions.url} is public: nobody was recognised`);
  return request.principal;
}

/** What the caller may see. Only for routes that are not public. */
export function visibilityOf(request: FastifyRequest): Visibility {
  if (request.visibility === null) throw new Error(`${request.routeOptions.url} is public: nobody was recognised`);
  return request.visibility;
}

/** For a thing that does not exist, or that the caller may not see. */
export function notFound(kind: string, name: string | number, remedy: string): FairwayError {
  return new FairwayError(`${kind}-not-found`, `There is no ${kind} ${JSON.stringify(name)}.`, { remedy });
}
