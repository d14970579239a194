import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { FairwayError } from '../../../core/errors.ts';
import { EventQuery, FleetEvent } from '../../../proto/rest/events.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { createAuthenticator } from '../../access/authenticator.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, visibilityOf } from '../app.ts';
import { createEventStreams } from './stream.ts';
import { listEvents, newestEvent, readEventsAfter } from './views.ts';

/** What happened in the fleet, as a list and as it happens. */
export const events: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  const streams = createEventStreams(api.news);
  const authenticator = createAuthenticator(api.db, api.now);
  app.addHook('preClose', async () => streams.close());

  app.get(
    '/events',
    {
      config: { permission: 'fleet.read' },
      schema: {
        tags: ['events'],
        summary: 'List events, newest first; with Accept: text/event-stream, follow them',
        description:
          'As a stream, each event has its id; a reader that comes back with Last-Event-ID gets what it missed, and one that names none gets what happens from now on.',
        querystring: EventQuery,
        response: answers(PageOf(FleetEvent)),
      },
    },
    async (request, reply) => {
      const { limit: _limit, cursor: _cursor, ...filters } = request.query;
      const visibility = visibilityOf(request);
      if (!wantsStream(request)) {
        return api.pager.page(
          'events',
          request.query,
          (slice) => listEvents(api.db, visibility, filters, slice),
          ({ id }) => [id],
        );
      }
      const start = lastEventId(request) ?? (await newestEvent(api.db));
      streams.open(
        reply,
        start,
        (id, limit) => readEventsAfter(api.db, visibility, filters, id, limit),
        () =>
          authenticator.authenticate(request.headers.authorization).then(
            () => true,
            () => false,
          ),
      );
      return reply;
    },
  );
};

function wantsStream({ headers }: FastifyRequest): boolean {
  return /(^|,)\s*text\/event-stream\s*(;|,|$)/i.test(headers.accept ?? '');
}

function lastEventId({ headers }: FastifyRequest): number | null {
  const text = headers['last-event-id'];
  if (text === undefined || text === '') return null;
  const id = Number(text);
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw new FairwayError('last-event-id-invalid', `Last-Event-ID: ${JSON.stringify(text)} is no id of an event`, {
    field: 'Last-Event-ID',
    remedy: 'send the id of the last event that came, unchanged; or leave it out',
  });
}
