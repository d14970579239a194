import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { scrapeType } from '../../../telemetry/telemetry.ts';
import type { ApiOptions } from '../app.ts';

/**
 * What Prometheus scrapes. Public like the probes, which whoever runs the hub asks from the same place: it counts, and
 * names nothing but environments. Who must not see that is kept away by the network.
 */
export const metrics: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api: { scrape } }) => {
  if (scrape === undefined) return;
  app.get(
    '/metrics',
    {
      config: { permission: 'public' },
      schema: {
        tags: ['health'],
        summary: 'Metrics in the Prometheus text format',
        security: [],
        response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => reply.type(scrapeType).send(await scrape()),
  );
};
