import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, runAgent } from '../../agent/agent.ts';
import { dialHub } from '../dial.ts';
import { createHostApi, type HostApi } from '../git/host-api.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { createMemoryState } from '../memory/state.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { until } from '../until.ts';
import { type HubProcess, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';

const secret = 'a secret of the receiver';
const token = 'token-of-statuses';

/** A hub as people start it, a receiver of webhooks, and the API of a Git host. */
describe('notifications', () => {
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let hooks: Receiver;
  let host: Receiver;
  let api: HostApi;
  let hub: HubProcess;
  let agent: Agent;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-notifications-'));
    [git, hooks, host] = await Promise.all([startGitServer(), startReceiver(), startReceiver()]);
    // The part of the host that serves Git and the part that takes statuses are two servers here.
    api = createHostApi('gitea', token, 'fleet');
    host.answer = (received) => api.answer(received);
    fleet = await git.createRepository('fleet');
    await fleet.commit({
      'environments/dev.yaml': devEnvironment,
      'notifications/both.yaml': [
        'apiVersion: fairway.dev/v1',
        'kind: Notification',
        'metadata: {name: hooks}',
        `spec: {url: "${hooks.url}/fairway", events: [rollout.settled], credentials: hooks}`,
        '---',
        'apiVersion: fairway.dev/v1',
        'kind: Notification',
        'metadata: {name: statuses}',
        `spec: {format: commit-status, host: gitea, url: "${host.url}/api/v1", credentials: statuses}`,
        '',
      ].join('\n'),
    });
    await fleet.push();
    const env = { FAIRWAY_POLL_INTERVAL: '500ms', FAIRWAY_NOTIFY_NETWORKS: '127.0.0.0/8' };
    hub = await startHub({ directory, fleetRepo: fleet.url, env });
    for (const [name, flag, value] of [
      ['hooks', '--secret-file', secret],
      ['statuses', '--token-file', token],
    ] as const) {
      const file = join(directory, name);
      await writeFile(file, `${value}\n`);
      const stored = await hub.fairway('notification', 'credentials', name, flag, file);
      expect(stored.code, stored.stderr).toBe(0);
    }
    const joinToken = await hub.register('eu', { env: 'dev' });
    const state = createMemoryState();
    const { kube } = createMemoryCluster();
    const log = pino({ level: 'silent' });
    const dial = dialHub({ state, hub: hub.grpc, joinToken, version: 'test', log });
    agent = await runAgent({ kube, state, dial, version: 'test', log, now: Date.now, random: Math.random });
  }, 120_000);

  afterAll(async () => {
    await agent?.stop();
    await hub?.stop();
    await Promise.all([git?.stop(), hooks?.stop(), host?.stop()]);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  async function push(greeting: string): Promise<string> {
    const commit = await fleet.commit({
      'apps/shop/app.yaml': shopApplication,
      'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'apps/shop/settings.yaml': configMap('settings', { greeting }),
    });
    await fleet.push();
    return commit;
  }

  const told = () => hooks.received.map(({ body }) => JSON.parse(body) as { data: { commit: string } });
  const untilTold = (commit: string) =>
    until(() => told().some(({ data }) => data.commit === commit), {
      what: `the receiver is told of ${commit.slice(0, 12)}`,
      within: 90_000,
      describe: () => hub.output().slice(-3_000),
    });
  const untilStatus = (commit: string) =>
    until(() => api.statuses.get(`${commit} fairway/dev/shop`)?.state === 'success', {
      what: `${commit.slice(0, 12)} has its status`,
      within: 90_000,
      describe: () => JSON.stringify([...api.statuses]) + hub.output().slice(-3_000),
    });

  it('tell a receiver by a signed CloudEvent, and the Git host by a status, that a commit is settled', async () => {
    const commit = await push('hello');
    await untilTold(commit);
    await untilStatus(commit);
    const received = hooks.received[0];
    const {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    } = received?.headers ?? {};
    const wanted = createHmac('sha256', secret).update(`${id}.${timestamp}.${received?.body}`).digest('base64');
    expect(signature).toBe(`v1,${wanted}`);
    expect(JSON.parse(received?.body ?? '')).toMatchObject({ specversion: '1.0', type: 'dev.fairway.rollout.settled' });
  });

  it('[X1] though the hub is killed while the receiver is away', async () => {
    hooks.answer = () => ({ status: 503 });
    const commit = await push('after a crash');
    await untilTold(commit);
    await hub.stop('SIGKILL');
    hooks.answer = () => ({ status: 204 });
    await hub.start();
    const delivered = async () => {
      const { stdout } = await hub.fairway('notification', 'deliveries', '--notification', 'hooks', '-o', 'json');
      return (JSON.parse(stdout) as { state: string; attempts: number }[]).every(({ state }) => state === 'delivered');
    };
    await until(delivered, { what: 'all is delivered', within: 120_000, every: 500 });
    expect(told().filter(({ data }) => data.commit === commit).length).toBeGreaterThan(1);
    const { stdout } = await hub.fairway('notification', 'list');
    expect(stdout).toMatch(/hooks +cloudevents +127\.0\.0\.1/);
  });
});
