import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../../core/kinds/check.ts';
import { NotificationSpec } from '../../core/kinds/notification.ts';
import type { NotificationContext } from '../../hub/notifications/context.ts';
import { setNotificationCredentials } from '../../hub/notifications/credentials.ts';
import { deliverDue, redeliver } from '../../hub/notifications/deliver.ts';
import { lookForNotices } from '../../hub/notifications/look.ts';
import { notificationLoop } from '../../hub/notifications/loop.ts';
import { createNetworks } from '../../hub/notifications/networks.ts';
import { createPost } from '../../hub/notifications/post.ts';
import { createQueueBackend } from '../../hub/queue/backend.ts';
import { createLoops } from '../../hub/queue/create-loops.ts';
import { setCredentials } from '../../hub/sources/credentials.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { createHostApi } from '../git/host-api.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { until } from '../until.ts';

const minute = 60_000;
const commit = '3f2c9d0c1b7a4e5f60718293a4b5c6d7e8f90123';
const release = 'shop@3f2c9d0c1b7a';
const secret = 'whsec_c2VjcmV0IG9mIG9uLWNhbGw=';
const log = pino({ level: 'silent' });

let database: TestDatabase;
let receiver: Receiver;
let outside: ReturnType<typeof createPost>;
let context: NotificationContext;
let clock: number;

beforeAll(async () => {
  database = await startTestDatabase();
  receiver = await startReceiver();
  outside = createPost(createNetworks(['127.0.0.0/8']), 'test');
});
beforeEach(async () => {
  await sql`truncate table notices, deliveries, silences, notification_credentials, source_credentials, settings, declarations,
    sources, releases, bundles, clusters, drifts restart identity cascade`.execute(database.db);
  clock = Date.now();
  receiver.received.length = 0;
  receiver.answer = () => ({ status: 204 });
  context = {
    db: database.db,
    dataKey: createDataKey(Buffer.alloc(32, 7)),
    log,
    post: outside.post,
    source: '/fairway/test',
    now: () => clock,
    random: () => 0.5,
  };
});
afterAll(async () => {
  await database.stop();
  await outside.close();
  await receiver.stop();
});

const never = new AbortController().signal;

async function declare(name: string, spec: object): Promise<void> {
  const { value, issues } = check(NotificationSpec, { url: `${receiver.url}/${name}`, ...spec });
  expect(issues).toEqual([]);
  await context.db
    .insertInto('declarations')
    .values({
      kind: 'Notification',
      name,
      spec: JSON.stringify(value),
      labels: '{}',
      file: `notifications/${name}.yaml`,
      commit,
    })
    .execute();
}

async function addRelease(url = `${receiver.url}/acme/shop.git`): Promise<void> {
  await context.db
    .insertInto('sources')
    .values({ name: 'storefront', origin: 'declared', spec: JSON.stringify({ url, credentials: 'storefront-git' }) })
    .execute();
  await context.db
    .insertInto('releases')
    .values({
      id: release,
      application: 'shop',
      source: 'storefront',
      commit,
      tree: 't',
      path: '',
      spec: '{}',
      origin: 'head',
    })
    .execute();
}

const addRollout = (state: 'running' | 'paused' | 'completed' = 'running') =>
  context.db
    .insertInto('rollouts')
    .values({
      environment: 'prod',
      application: 'shop',
      kind: 'release',
      release,
      strategy: '{}',
      state,
      state_reason: state === 'paused' ? '1 cluster failed' : null,
      started_by: 'hub',
      ended_at: state === 'completed' ? new Date() : null,
    } as never)
    .returning('id')
    .executeTakeFirstOrThrow();

const setRollout = (id: number, state: string, reason: string | null = null) =>
  context.db
    .updateTable('rollouts')
    .set({
      state: state as never,
      state_reason: reason,
      state_since: new Date(Date.now() + id),
      ended_at: state === 'completed' ? new Date() : null,
    })
    .where('id', '=', id)
    .execute();

const addCluster = (name: string, connected: boolean, heardAt: number) =>
  context.db
    .insertInto('clusters')
    .values({
      name,
      labels: '{}',
      state: 'joined',
      connected,
      connection_since: new Date(heardAt),
      last_seen_at: new Date(heardAt),
    })
    .execute();

const told = () =>
  receiver.received.map(({ body }) => JSON.parse(body) as { type: string; subject: string; data: { message: string } });
const deliveries = () => context.db.selectFrom('deliveries').selectAll().orderBy('id').execute();

/** Looks and delivers until nothing is due. */
async function run(...names: string[]): Promise<void> {
  await lookForNotices(context);
  for (const name of names) await deliverDue(context, name, never);
}

describe('what is told', () => {
  it('[X1, R11] once, whoever looks, however often and at the same time', async () => {
    await declare('on-call', {});
    await addRelease();
    await addRollout('paused');
    await Promise.all([lookForNotices(context), lookForNotices(context), lookForNotices(context)]);
    await Promise.all([deliverDue(context, 'on-call', never), deliverDue(context, 'on-call', never)]);
    await run('on-call');
    expect(told()).toMatchObject([
      {
        type: 'dev.fairway.rollout.stopped',
        data: { message: `${release} is paused in prod: 1 cluster failed`, commit },
      },
    ]);
  });

  it('promotions that wait for a person, and not those that wait for time', async () => {
    await declare('on-call', {});
    await addRelease();
    const since = clock - minute;
    const waits = [
      { gate: 'soak', name: 'staging', reason: 'soaks', since, deadline: clock + minute },
      { gate: 'check', name: 'load-test', reason: 'check load-test has not reported', since, deadline: null },
      { gate: 'approval', name: null, reason: '1 of 2 approvals', since, deadline: null },
    ];
    const { id } = await context.db
      .insertInto('promotions')
      .values({
        environment: 'prod',
        application: 'shop',
        kind: 'release',
        origin: 'request',
        source: 'storefront',
        revision: commit,
        release,
        state: 'waiting',
        waits: JSON.stringify(waits),
        requested_by: 'user:a',
      } as never)
      .returning('id')
      .executeTakeFirstOrThrow();
    await run('on-call');
    expect(told()).toMatchObject([
      { subject: `promotion/${id}`, data: { message: `${release} waits for prod: 1 of 2 approvals` } },
    ]);
    await context.db
      .insertInto('checks')
      .values({ release, name: 'load-test', verdict: 'inconclusive', reported_by: 'token:ci' })
      .execute();
    await run('on-call');
    expect(told().map(({ data }) => data.message)).toHaveLength(2);
  });

  it('[D3] a fight over a field once, on however many clusters', async () => {
    await declare('on-call', {});
    await addRelease();
    await context.db
      .insertInto('bundles')
      .values({ digest: 'sha256:x', size: 0, objects: '[]', sealed: false, content: Buffer.alloc(0) })
      .execute();
    for (const cluster of ['eu-1', 'eu-2', 'eu-3']) {
      await addCluster(cluster, true, clock);
      const placed = {
        environment: 'prod',
        release,
        bundle: 'sha256:x',
        generation: 1,
        drift_mode: 'correct',
        state: 'active',
      } as const;
      await context.db
        .insertInto('placements')
        .values({ cluster, application: 'shop', ...placed })
        .execute();
    }
    await context.db
      .insertInto('drifts')
      .values(
        ['eu-1', 'eu-2', 'eu-3'].map((cluster) => ({
          cluster,
          application: 'shop',
          object_group: 'apps',
          object_kind: 'Deployment',
          object_namespace: 'shop',
          object_name: 'web',
          field: '/spec/replicas',
          manager: 'autoscaler',
          state: 'fought' as const,
          first_seen_at: new Date(),
        })),
      )
      .execute();
    await run('on-call');
    await run('on-call');
    expect(told().map(({ data }) => data.message)).toEqual([
      'autoscaler changes /spec/replicas of Deployment shop/web (shop) over and over on 3 clusters (eu-1, eu-2, eu-3)',
    ]);
  });

  it('agents that fall silent and return, together, and not while the hub itself could not have heard them', async () => {
    await declare('on-call', {});
    for (const name of ['eu-1', 'eu-2']) await addCluster(name, false, clock - 10 * minute);
    await addCluster('eu-3', true, clock);
    await run('on-call');
    expect(told()).toEqual([]);
    for (let elapsed = 0; elapsed <= 3 * minute; elapsed += minute / 2) {
      clock += minute / 2;
      await run('on-call');
    }
    expect(told().map(({ data }) => data.message)).toEqual(['the agents of eu-1 and eu-2 are silent']);
    await context.db
      .updateTable('clusters')
      .set({ connected: true, connection_since: new Date(clock) })
      .where('name', '=', 'eu-2')
      .execute();
    await run('on-call');
    expect(told().at(-1)).toMatchObject({ type: 'dev.fairway.agent.returned', subject: 'cluster/eu-2' });
    // A hub that was away for long begins to listen anew.
    await context.db
      .updateTable('clusters')
      .set({ connected: false, connection_since: new Date(clock) })
      .where('name', '=', 'eu-3')
      .execute();
    clock += 30 * minute;
    await run('on-call');
    expect(told()).toHaveLength(2);
  });

  it('nobody of what happened before they were declared', async () => {
    await addRelease();
    await addRollout('paused');
    await lookForNotices(context);
    await declare('late', {});
    await run('late');
    expect(told()).toEqual([]);
  });
});

describe('a delivery', () => {
  it('is signed, says its id again when it is repeated, and is tried until it arrives', async () => {
    await setNotificationCredentials(context.db, context.dataKey, 'token:admin', 'on-call', { secret });
    await declare('on-call', { credentials: 'on-call' });
    await addRelease();
    await addRollout('paused');
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '45' } });
    await run('on-call');
    expect(await deliveries()).toMatchObject([{ state: 'waiting', attempts: 1, reason: 'the receiver answered 503' }]);
    expect((await deliveries())[0]?.next_at.getTime()).toBe(clock + 45_000);
    clock += 45_000;
    receiver.answer = () => ({ status: 200 });
    await deliverDue(context, 'on-call', never);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2, reason: null }]);
    const [first, second] = receiver.received;
    expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
    const signed = `${second?.headers['webhook-id']}.${second?.headers['webhook-timestamp']}.${second?.body}`;
    const wanted = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(signed)
      .digest('base64');
    expect(second?.headers['webhook-signature']).toBe(`v1,${wanted}`);
    expect(second?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
  });

  it('[A11] holds its credentials sealed: neither rows nor the ledger have them', async () => {
    await setNotificationCredentials(context.db, context.dataKey, 'token:admin', 'chat', {
      url: `${receiver.url}/secret-path`,
      secret,
    });
    const ledger = await context.db.selectFrom('ledger').selectAll().orderBy('id').execute();
    const rows = await context.db.selectFrom('notification_credentials').selectAll().execute();
    const text = JSON.stringify(ledger) + rows.map(({ sealed }) => Buffer.from(sealed).toString('latin1')).join();
    expect(text).not.toContain('secret-path');
    expect(text).not.toContain(secret.slice(6));
    expect(ledger.at(-1)).toMatchObject({ actor: 'token:admin', action: 'notification-credentials.set' });
  });

  it('goes to the URL of its credentials, as text for Slack', async () => {
    await setNotificationCredentials(context.db, context.dataKey, 'token:admin', 'chat', {
      url: `${receiver.url}/services/T0/B0`,
    });
    await declare('chat', { format: 'slack', url: undefined, credentials: 'chat' });
    await addRelease();
    await addRollout('paused');
    await run('chat');
    expect(receiver.received).toMatchObject([{ path: '/services/T0/B0' }]);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual({
      text: expect.stringContaining('is paused in prod'),
    });
  });

  it('waits for credentials that are not stored yet, and says so', async () => {
    await declare('on-call', { credentials: 'nobody' });
    await addRelease();
    await addRollout('paused');
    await run('on-call');
    expect(await deliveries()).toMatchObject([
      { state: 'waiting', reason: expect.stringContaining('no credentials nobody are stored') },
    ]);
    expect(receiver.received).toEqual([]);
  });

  it('is dead after its last attempt, or where the receiver is gone, and lives again by a word', async () => {
    await declare('on-call', {});
    await addRelease();
    await addRollout('paused');
    receiver.answer = () => ({ status: 500 });
    await lookForNotices(context);
    for (let attempt = 0; attempt < 20; attempt++) {
      await deliverDue(context, 'on-call', never);
      clock += 90 * minute;
    }
    expect(receiver.received).toHaveLength(14);
    const [dead] = await deliveries();
    expect(dead).toMatchObject({ state: 'dead', attempts: 14, reason: expect.stringContaining('500') });
    receiver.answer = () => ({ status: 410 });
    expect(await redeliver(context, dead?.id ?? 0)).toBe('on-call');
    await deliverDue(context, 'on-call', never);
    expect(await deliveries()).toMatchObject([{ state: 'dead', attempts: 1, reason: expect.stringContaining('410') }]);
    receiver.answer = () => ({ status: 200 });
    await redeliver(context, dead?.id ?? 0);
    await deliverDue(context, 'on-call', never);
    expect(await deliveries()).toMatchObject([{ state: 'delivered' }]);
  });

  it('[X1] of a hub that was killed in the middle is made again', async () => {
    await declare('on-call', {});
    await addRelease();
    await addRollout('paused');
    await lookForNotices(context);
    const dies = { ...context, post: () => new Promise<never>(() => undefined) };
    void deliverDue(dies, 'on-call', never);
    await until(async () => (await deliveries())[0]?.attempts === 1, { what: 'it was taken' });
    await deliverDue(context, 'on-call', never);
    expect(receiver.received).toEqual([]);
    clock += 2 * minute;
    await deliverDue(context, 'on-call', never);
    expect(told()).toHaveLength(1);
  });

  it('of a notification that is declared no more is given up', async () => {
    await declare('on-call', {});
    await addRelease();
    await addRollout('paused');
    await lookForNotices(context);
    await context.db.deleteFrom('declarations').execute();
    await deliverDue(context, 'on-call', never);
    expect(await deliveries()).toMatchObject([{ state: 'dead', reason: expect.stringContaining('declared') }]);
  });

  it.each([
    ['an address of the hub’s own machine', () => receiver.url],
    ['a name that leads there', () => receiver.url.replace('127.0.0.1', 'localhost')],
  ])('[L7] never goes to %s, unless its operator allows that', async (_, url) => {
    const closed = createPost(createNetworks([]), 'test');
    await declare('inside', { url: url().replace('http:', 'https:') });
    await declare('inside-plain', { url: url() });
    await addRelease();
    await addRollout('paused');
    await lookForNotices(context);
    for (const name of ['inside', 'inside-plain']) await deliverDue({ ...context, post: closed.post }, name, never);
    await closed.close();
    expect((await deliveries()).map(({ state, reason }) => [state, reason])).toEqual([
      ['dead', expect.stringContaining('FAIRWAY_NOTIFY_NETWORKS')],
      ['dead', expect.stringContaining('FAIRWAY_NOTIFY_NETWORKS')],
    ]);
    expect(receiver.received).toEqual([]);
  });

  it('[L7] follows no redirect', async () => {
    await declare('on-call', {});
    await addRelease();
    await addRollout('paused');
    receiver.answer = () => ({ status: 302, headers: { location: `${receiver.url}/elsewhere` } });
    await run('on-call');
    expect(receiver.received.map(({ path }) => path)).toEqual(['/on-call']);
    expect(await deliveries()).toMatchObject([{ state: 'waiting', reason: 'the receiver answered 302' }]);
  });
});

describe('statuses of commits', () => {
  it.each(['github', 'gitlab', 'gitea'] as const)('on %s: as a release goes through an environment', async (host) => {
    const token = 'token-of-the-source';
    const api = createHostApi(host, token);
    receiver.answer = (received) => api.answer(received);
    await setCredentials(context.db, context.dataKey, 'token:admin', 'storefront-git', {
      type: 'basic',
      username: 'bot',
      password: token,
    });
    await declare('statuses', { format: 'commit-status', url: undefined, host });
    await addRelease();
    const { id } = await addRollout();
    await run('statuses');
    const key = `${commit} fairway/prod/shop`;
    expect(['pending', 'running']).toContain(api.statuses.get(key)?.state);
    await setRollout(id, 'paused', '1 cluster failed');
    await run('statuses');
    expect(api.statuses.get(key)).toMatchObject({ state: host === 'gitlab' ? 'failed' : 'failure' });
    await setRollout(id, 'completed');
    await run('statuses');
    expect(api.statuses.get(key)).toMatchObject({ state: 'success', description: `${release} is settled in prod` });
    expect((await deliveries()).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
    await redeliver(context, (await deliveries()).at(-1)?.id ?? 0);
    await deliverDue(context, 'statuses', never);
    expect((await deliveries()).at(-1)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('that were overtaken while the host was away are not posted any more', async () => {
    const api = createHostApi('gitea', 'token');
    await setNotificationCredentials(context.db, context.dataKey, 'token:admin', 'statuses', { token: 'token' });
    await declare('statuses', { format: 'commit-status', url: undefined, host: 'gitea', credentials: 'statuses' });
    await addRelease();
    receiver.answer = () => ({ status: 502 });
    const { id } = await addRollout();
    await run('statuses');
    await setRollout(id, 'completed');
    receiver.answer = (received) => api.answer(received);
    await run('statuses');
    clock += minute;
    await deliverDue(context, 'statuses', never);
    expect((await deliveries()).map(({ state }) => state)).toEqual(['superseded', 'delivered']);
    expect([...api.statuses.values()]).toMatchObject([{ state: 'success' }]);
  });

  it.each([
    ['/srv/git/fleet', undefined, 'is on no Git host'],
    ['https://git.example/acme/shop.git', undefined, 'spec.host does not say'],
    ['https://git.example/acme/shop.git', 'gitea', 'has no token'],
  ])('of a source at %s (host: %s): says what is missing', async (url, host, words) => {
    await declare('statuses', { format: 'commit-status', url: undefined, host });
    await addRelease(url);
    await addRollout();
    await run('statuses');
    expect(await deliveries()).toMatchObject([{ state: 'waiting', reason: expect.stringContaining(words) }]);
  });
});

describe('the loop', () => {
  it('[R9] finds and delivers by itself, with nothing but the sweep', async () => {
    await declare('on-call', {});
    await addRelease();
    const backend = await createQueueBackend({ database: database.address, log });
    const loops = createLoops({ backend, log, sweepEvery: 200 });
    loops.define(notificationLoop({ ...context, loops, now: Date.now }));
    await loops.start();
    try {
      await addRollout('paused');
      await until(() => receiver.received.length === 1, { what: 'it is told' });
    } finally {
      await loops.stop();
    }
  });
});
