import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { FairwayError } from '../../../core/errors.ts';
import { NameParameters } from '../../../proto/rest/common.ts';
import {
  Delivery,
  DeliveryParameters,
  DeliveryQuery,
  Notification,
  NotificationCredentials,
  NotificationCredentialsState,
} from '../../../proto/rest/notifications.ts';
import { PageOf, PageQuery } from '../../../proto/rest/page.ts';
import { removeNotificationCredentials, setNotificationCredentials } from '../../notifications/credentials.ts';
import { redeliver } from '../../notifications/deliver.ts';
import { wakeNotification } from '../../notifications/loop.ts';
import { answers } from '../answers.ts';
import { type ApiOptions, notFound, principalOf, visibilityOf } from '../app.ts';
import { requireEvery } from '../scope.ts';
import { findDelivery, findNotification, listDeliveries, listNotifications, usersOfCredentials } from './views.ts';

const tags = ['notifications'];
const read = { permission: 'fleet.read' } as const;
const write = { permission: 'notification.write' } as const;

/** Who is told of what outside of Fairway, and what became of it. */
export const notifications: FastifyPluginAsyncTypebox<ApiOptions> = async (app, { api }) => {
  app.get(
    '/notifications',
    {
      config: read,
      schema: {
        tags,
        summary: 'List the notifications that are declared',
        querystring: PageQuery,
        response: answers(PageOf(Notification)),
      },
    },
    (request) =>
      api.pager.page(
        'notifications',
        request.query,
        (slice) => listNotifications(api.db, visibilityOf(request), slice),
        ({ name }) => [name],
      ),
  );

  app.get(
    '/notifications/:name',
    {
      config: read,
      schema: { tags, summary: 'Show a notification', params: NameParameters, response: answers(Notification) },
    },
    async (request) => {
      const found = await findNotification(api.db, visibilityOf(request), request.params.name);
      if (found === null)
        throw notFound('notification', request.params.name, 'list them with `fairway notification list`');
      return found;
    },
  );

  app.put(
    '/notifications/:name/credentials',
    {
      config: write,
      schema: {
        tags,
        summary: 'Set what notifications are sent with; nothing shows it again',
        description: 'NAME is what notifications give in spec.credentials.',
        params: NameParameters,
        body: NotificationCredentials,
        response: answers(NotificationCredentialsState),
      },
    },
    async (request) => {
      const { name } = request.params;
      checkEverywhere(request);
      await setNotificationCredentials(api.db, api.dataKey, principalOf(request).actor, name, request.body);
      return { name, stored: true, notifications: await wakeUsers(name) };
    },
  );

  app.delete(
    '/notifications/:name/credentials',
    {
      config: write,
      schema: {
        tags,
        summary: 'Forget what notifications are sent with',
        params: NameParameters,
        response: answers(NotificationCredentialsState),
      },
    },
    async (request) => {
      const { name } = request.params;
      checkEverywhere(request);
      if (!(await removeNotificationCredentials(api.db, principalOf(request).actor, name))) {
        throw new FairwayError('credentials-not-found', `There are no credentials ${JSON.stringify(name)}.`, {
          remedy: 'see which notifications have some with `fairway notification list`',
        });
      }
      return { name, stored: false, notifications: await wakeUsers(name) };
    },
  );

  app.get(
    '/deliveries',
    {
      config: read,
      schema: {
        tags,
        summary: 'List what was told, is still to be, or is given up; newest first',
        querystring: DeliveryQuery,
        response: answers(PageOf(Delivery)),
      },
    },
    (request) =>
      api.pager.page(
        'deliveries',
        request.query,
        (slice) => listDeliveries(api.db, visibilityOf(request), request.query, slice),
        ({ id }) => [id],
      ),
  );

  app.post(
    '/deliveries/:id/redeliver',
    {
      config: write,
      schema: { tags, summary: 'Deliver once more', params: DeliveryParameters, response: answers(Delivery) },
    },
    async (request) => {
      const { id } = request.params;
      const missing = () => notFound('delivery', id, 'list them with `fairway notification deliveries`');
      if ((await findDelivery(api.db, visibilityOf(request), id)) === null) throw missing();
      // One that is on its way already is what was asked for.
      const notification = await redeliver(api, id);
      if (notification !== null) await wakeNotification(api.loops, notification);
      const found = await findDelivery(api.db, visibilityOf(request), id);
      if (found === null) throw missing();
      return found;
    },
  );

  function checkEverywhere(request: FastifyRequest): void {
    requireEvery('environments', request, 'credentials are those of notifications everywhere');
    requireEvery('tenants', request, 'credentials are those of notifications of all tenants');
  }

  async function wakeUsers(name: string): Promise<string[]> {
    const users = await usersOfCredentials(api.db, name);
    for (const user of users) await wakeNotification(api.loops, user);
    return users;
  }
};
