import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { Type } from 'typebox';
import { guardRoutes } from './access.ts';
import type { Api, App } from './app.ts';
import { applications } from './applications/routes.ts';
import { audit } from './audit/routes.ts';
import { clusters } from './clusters/routes.ts';
import type { ApiContext } from './context.ts';
import { drift } from './drift/routes.ts';
import { environments } from './environments/routes.ts';
import { events } from './events/routes.ts';
import { health } from './health/routes.ts';
import { holds } from './holds/routes.ts';
import { hooks } from './hooks/routes.ts';
import { keepAnswers } from './idempotency.ts';
import { identity } from './identity/routes.ts';
import { bodyLimit, limitCallers } from './limits.ts';
import { measureRequests } from './metrics/requests.ts';
import { metrics } from './metrics/routes.ts';
import { notifications } from './notifications/routes.ts';
import { createPager } from './pager.ts';
import { placements } from './placements/routes.ts';
import { plans } from './plans/routes.ts';
import { answerProblem, answerWithProblems } from './problem.ts';
import { problems } from './problems/routes.ts';
import { promotions } from './promotions/routes.ts';
import { releases } from './releases/routes.ts';
import { rollouts } from './rollouts/routes.ts';
import { sources } from './sources/routes.ts';
import { status } from './status/routes.ts';
import { refuseUnstorableTexts } from './texts.ts';
import { tokens } from './tokens/routes.ts';
import { trackUnusedConnections } from './unused-connections.ts';
import { compileValidator } from './validate.ts';
import { windows } from './windows/routes.ts';

/**
 * The REST API, ready for `listen` or `inject`. It starts only where every route names its permission (T5).
 * `close` ends the streams of events too.
 */
export async function createApi(context: ApiContext): Promise<FastifyInstance> {
  const api: Api = { ...context, now: context.now ?? Date.now, pager: createPager(context.dataKey) };
  const app: App = Fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    requestTimeout: 60_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      reply.header('fairway-version', context.version);
      return answerProblem(error, request, reply);
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
  }).withTypeProvider();
  app.setValidatorCompiler(compileValidator);
  const endUnused = trackUnusedConnections(app.server);
  // Views are typed by their response's schema; to check it again for each answer would only cost time.
  app.setSerializerCompiler(() => JSON.stringify);

  app.addHook('preClose', async () => endUnused());
  // By it a client knows that a hub answered, and not something else at that address.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('fairway-version', context.version);
  });
  if (context.meter !== undefined) measureRequests(app, context.meter);
  answerWithProblems(app);
  await app.register(helmet);
  await limitCallers(app, api);
  guardRoutes(app, api);
  refuseUnstorableTexts(app);
  keepAnswers(app, api);
  await app.register(swagger, { openapi: openApi(context.version) });
  const options = {
    schema: { hide: true, response: { 200: Type.Unknown() } },
    config: { permission: 'public' },
  } as const;
  app.get('/openapi.json', options, async () => app.swagger());
  await app.register(health, { api });
  await app.register(metrics, { api });
  await app.register(
    async (versioned) => {
      for (const resource of resources) await versioned.register(resource, { api });
    },
    { prefix: '/api/v1' },
  );
  return app as unknown as FastifyInstance;
}

const resources = [
  identity,
  status,
  clusters,
  sources,
  applications,
  environments,
  releases,
  promotions,
  rollouts,
  holds,
  windows,
  placements,
  plans,
  drift,
  events,
  problems,
  notifications,
  tokens,
  audit,
  hooks,
];

function openApi(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairway',
      version,
      description:
        'GitOps for fleets of Kubernetes clusters. Errors are application/problem+json with a stable `code`.',
    },
    components: { securitySchemes: { token: { type: 'http' as const, scheme: 'bearer', bearerFormat: 'fwt_…' } } },
    security: [{ token: [] }],
  };
}
