import type { FastifyRequest } from 'fastify';
import { may, type Permission, permissionsOf, roles } from '../../core/access.ts';
import { FairwayError } from '../../core/errors.ts';
import { createAuthenticator } from '../access/authenticator.ts';
import { loadVisibility } from '../access/visibility.ts';
import { type Api, type App, principalOf } from './app.ts';
import { tooMany } from './limits.ts';

const flushInterval = 10_000;
/** Tokens that nobody has, from one address in a minute, before it is told to wait. Good tokens still pass. */
const refusalsPerMinute = 30;

/**
 * Recognises the caller and asks for the route's permission before anything of the request's body is read (T5).
 *
 * Which answer when: 401 where nobody was recognised (no token, or one that is unknown, expired or revoked); 403 where
 * the role lacks the permission, or a write reaches beyond the scope; 404 where a single thing lies outside the scope,
 * as if it did not exist, so that names do not leak.
 */
export function guardRoutes(app: App, { db, now, log }: Api): void {
  const authenticator = createAuthenticator(db, now);
  const countRefusal = app.createRateLimit({ max: refusalsPerMinute, timeWindow: '1 minute' });
  app.decorateRequest('principal', null);
  app.decorateRequest('visibility', null);

  app.addHook('onRoute', (route) => {
    if (route.config?.permission !== undefined) return;
    throw new Error(`${route.method} ${route.url} names no permission, so the server does not start (T5)`);
  });

  app.addHook('onRequest', async (request, reply) => {
    const { permission } = request.routeOptions.config;
    if (permission === undefined || permission === 'public') return;
    try {
      request.principal = await authenticator.authenticate(request.headers.authorization);
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
      if (error.code === 'token-unknown') {
        const limit = await countRefusal(request);
        if (!limit.isAllowed && limit.isExceeded) throw tooMany(reply, limit.ttlInSeconds);
      }
      reply.header('www-authenticate', 'Bearer realm="fairway"');
      throw error;
    }
    if (permission !== 'authenticated') requirePermission(request, permission);
    request.visibility = await loadVisibility(db, request.principal.scope);
  });

  const flush = () =>
    authenticator.flush().catch((error: unknown) => log.warn({ err: error }, 'the use of tokens was not noted'));
  const timer = setInterval(flush, flushInterval).unref();
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await flush();
  });
}

/**
 * Asks for a permission beyond that of the route, for a part of what it does.
 * @param field of the request that asks for that part
 * @throws FairwayError `permission-missing`
 */
export function requirePermission(request: FastifyRequest, permission: Permission, field?: string): void {
  const principal = principalOf(request);
  if (may(principal, permission)) return;
  const able = roles.filter((role) => permissionsOf[role].includes(permission));
  throw new FairwayError('permission-missing', `role ${principal.role} may not do this: ${permission}`, {
    remedy: `ask somebody with the role ${able.join(' or ')}, or for a token of that role`,
    ...(field === undefined ? {} : { field }),
  });
}
