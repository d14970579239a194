import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Status } from '../../../proto/rest/status.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { readStatus } from './views.ts';

/** The fleet at a glance. */
export const status: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/status',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags: ['status'],
        summary: 'Show counts by health, what moves, and what is wrong',
        response: answers(Status),
      },
    },
    (request) => readStatus(api.db, visibilityOf(request)),
  );
};
