import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { AuditEntry, AuditQuery } from '../../../proto/rest/audit.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { listAudit } from './views.ts';

/** The ledger: who changed what, when, where, and which commit says so (U3). */
export const audit: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/audit',
    {
      config: { permission: 'audit.read' },
      schema: {
        tags: ['audit'],
        summary: 'List rows of the ledger, newest first',
        querystring: AuditQuery,
        response: answers(PageOf(AuditEntry)),
      },
    },
    (request) =>
      api.pager.page(
        'audit',
        request.query,
        (slice) => listAudit(api.db, visibilityOf(request), request.query, slice),
        ({ id }) => [id],
      ),
  );
};
