import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../../core/kinds/check.ts';
import { NotificationSpec } from '../../../core/kinds/notification.ts';
import { startTestApi, type TestApi } from './harness.ts';

describe('notifications over REST', () => {
  let api: TestApi;
  const ids: number[] = [];

  beforeAll(async () => {
    api = await startTestApi();
    const { db } = api.database;
    for (const [name, spec] of [
      ['chat', { format: 'slack', credentials: 'chat' }],
      ['on-call', { url: 'https://hooks.example/path/that/is/nobodys/business', environments: ['prod'] }],
    ] as const) {
      const { value } = check(NotificationSpec, spec);
      const declaration = { kind: 'Notification', name, labels: '{}', file: `notifications/${name}.yaml`, commit: 'c' };
      await db
        .insertInto('declarations')
        .values({ ...declaration, spec: JSON.stringify(value) })
        .execute();
    }
    for (const [environment, state, reason] of [
      ['prod', 'dead', 'the receiver answered 500, and 14 attempts were made'],
      ['prod', 'delivered', null],
      ['dev', 'waiting', 'the receiver answered 503'],
    ] as const) {
      const { id: notice } = await db
        .insertInto('notices')
        .values({
          key: `${environment} ${state}`,
          type: 'rollout.stopped',
          subject: 'rollout/7',
          message: `shop@3f2c9d0c1b7a is paused in ${environment}`,
          at: new Date(0),
          environments: [environment],
          application: 'shop',
          facts: '{}',
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      const ended = state === 'waiting' ? null : new Date();
      const delivery = { notice, notification: 'on-call', state, reason, attempts: 3, ended_at: ended };
      const { id } = await db.insertInto('deliveries').values(delivery).returning('id').executeTakeFirstOrThrow();
      ids.push(id);
    }
  });
  afterAll(() => api?.stop());

  it('lists what is declared, how it goes, and of a URL the host alone', async () => {
    const { status, body } = await api.ask('GET', 'notifications');
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      {
        name: 'chat',
        format: 'slack',
        receiver: null,
        credentials: 'chat',
        hasCredentials: false,
        waiting: 0,
        dead: 0,
      },
      {
        name: 'on-call',
        receiver: 'hooks.example',
        waiting: 1,
        dead: 1,
        lastFailure: { reason: 'the receiver answered 503' },
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('business');
    expect((await api.ask('GET', 'notifications/on-call')).body.lastDeliveredAt).not.toBeNull();
    expect((await api.ask('GET', 'notifications/none')).body.code).toBe('notification-not-found');
  });

  it('lists deliveries, newest first, page by page and by state', async () => {
    const first = await api.ask('GET', 'deliveries?limit=2');
    expect(first.body.items.map(({ id }: { id: number }) => id)).toEqual([ids[2], ids[1]]);
    const rest = await api.ask('GET', `deliveries?limit=2&cursor=${first.body.cursor}`);
    expect(rest.body).toMatchObject({ items: [{ id: ids[0] }], cursor: null });
    const dead = await api.ask('GET', 'deliveries?state=dead&notification=on-call&type=rollout.stopped');
    expect(dead.body.items).toMatchObject([{ id: ids[0], nextAttemptAt: null, notice: { subject: 'rollout/7' } }]);
    expect((await api.ask('GET', 'deliveries?state=lost')).status).toBe(400);
  });

  it('[T5] shows a caller what is of its environments alone', async () => {
    const token = await api.token('viewer', { environments: ['dev'] });
    const { body } = await api.ask('GET', 'deliveries', { token });
    expect(body.items).toMatchObject([{ id: ids[2] }]);
    expect((await api.ask('GET', 'status', { token })).body.notifications).toEqual({ waiting: 1, dead: 0 });
    expect((await api.ask('GET', 'status')).body.notifications).toEqual({ waiting: 1, dead: 1 });
  });

  it('delivers once more, and wakes who does it', async () => {
    api.woken.length = 0;
    const { status, body } = await api.ask('POST', `deliveries/${ids[0]}/redeliver`);
    expect([status, body]).toMatchObject([200, { id: ids[0], state: 'waiting', attempts: 0, reason: null }]);
    expect(api.woken).toEqual(['notification to on-call']);
    const again = await api.ask('POST', `deliveries/${ids[0]}/redeliver`);
    expect([again.status, again.body]).toMatchObject([200, { state: 'waiting' }]);
    expect((await api.ask('POST', 'deliveries/999999/redeliver')).body.code).toBe('delivery-not-found');
    const token = await api.token('viewer');
    expect((await api.ask('POST', `deliveries/${ids[0]}/redeliver`, { token })).status).toBe(403);
  });

  it('[A11] takes credentials, and never shows them', async () => {
    const path = 'notifications/chat/credentials';
    const url = 'https://hooks.slack.example/services/T0/B0/secret';
    const stored = await api.ask('PUT', path, { body: { url } });
    expect([stored.status, stored.body]).toEqual([200, { name: 'chat', stored: true, notifications: ['chat'] }]);
    const shown = await api.ask('GET', 'notifications/chat');
    expect(shown.body.hasCredentials).toBe(true);
    expect(JSON.stringify(shown.body)).not.toContain('secret');
    const removed = await api.ask('DELETE', path);
    expect(removed.body).toEqual({ name: 'chat', stored: false, notifications: ['chat'] });
    expect((await api.ask('DELETE', path)).body.code).toBe('credentials-not-found');
  });

  it.each([
    [{}, undefined],
    [{ url: 'slack' }, 'url'],
    [{ secret: '' }, 'secret'],
    [{ token: 'two words' }, 'token'],
    [{ password: 'x' }, undefined],
  ])('[X4] refuses %j as credentials', async (body, field) => {
    const answer = await api.ask('PUT', 'notifications/chat/credentials', { body });
    expect(answer.status).toBe(400);
    if (field !== undefined) expect(answer.body.field).toBe(field);
  });

  it('[T5] lets only who sees everything set them', async () => {
    const token = await api.token('operator', { environments: ['dev'] });
    const answer = await api.ask('PUT', 'notifications/chat/credentials', { token, body: { secret: 'x' } });
    expect(answer.body.code).toBe('scope-insufficient');
  });
});
