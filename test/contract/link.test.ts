import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Assignment } from '../../core/assignment.ts';
import { encodeBundle } from '../../core/bundle.ts';
import type { AgentEvent } from '../../core/status.ts';
import { revokeCluster } from '../../hub/fleet/clusters.ts';
import { until } from '../until.ts';
import { type OpenTransport, openGrpc, openMemory, type Transport } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, healthyStatus, type TestAgent, type World } from './link/world.ts';

let world: World;
let agents: TestAgent[] = [];
let number = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const transports: readonly (readonly [string, OpenTransport])[] = [
  ['memory', openMemory],
  ['gRPC with mutual TLS', openGrpc],
];

describe.each(transports)('link over %s', (_, open) => {
  let hub: Transport;

  beforeEach(async () => {
    hub = await open(world);
  });
  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.remove()));
    agents = [];
    await hub.close();
  });

  async function newAgent(cluster: string): Promise<TestAgent> {
    const agent = await createAgent(await hub.register(cluster));
    agents.push(agent);
    return agent;
  }

  const newCluster = () => `c-${++number}`;
  const runs = (agent: TestAgent, bundle: ReturnType<typeof bundleOf>) =>
    agent.desired().some((assignment) => assignment.bundle === encodeBundle(bundle).digest);
  const assignmentOf = (agent: TestAgent, application: string): Assignment => {
    const found = agent.desired().find((assignment) => assignment.application === application);
    if (found === undefined) throw new Error(`${application} is not assigned`);
    return found;
  };
  const placement = (cluster: string, application: string) =>
    world.db
      .selectFrom('placements')
      .selectAll()
      .where('cluster', '=', cluster)
      .where('application', '=', application)
      .executeTakeFirstOrThrow();

  it('[L2] brings the desired state to an agent, and each change of it', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => runs(agent, bundleOf('shop', 'one')), { what: 'the first bundle is assigned' });
    await world.assign('shop', [cluster], bundleOf('shop', 'two'));
    await world.assign('database', [cluster], bundleOf('database', 'one'));
    await until(() => runs(agent, bundleOf('shop', 'two')) && runs(agent, bundleOf('database', 'one')), {
      what: 'both are assigned',
    });
    await world.withdraw('shop', cluster);
    await until(() => agent.desired().length === 1, { what: 'the withdrawn one is gone' });
  });

  it('[L2] sends nothing again to an agent that holds what is desired', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => runs(agent, bundleOf('shop', 'one')), { what: 'the bundle is assigned' });
    const told = agent.told();
    hub.cut();
    await until(() => hub.connected().includes(cluster) && agent.link.connection().state === 'connected', {
      what: 'the agent is back',
    });
    await world.assign('database', [cluster], bundleOf('database', 'one'));
    await until(() => agent.desired().length === 2, { what: 'the next change came' });
    expect(agent.told()).toBe(told + 1);
  });

  it('[L4] hands out the desired state after a restart without a hub', async () => {
    const cluster = newCluster();
    const dialWith = await hub.register(cluster);
    let away = false;
    const agent = await createAgent((state) => {
      const dial = dialWith(state);
      return (signal) => (away ? Promise.reject(new Error('away')) : dial(signal));
    });
    agents.push(agent);
    const bundle = bundleOf('shop', 'kept');
    await world.assign('shop', [cluster], bundle);
    await until(() => runs(agent, bundle), { what: 'the bundle is assigned' });
    const { digest } = encodeBundle(bundle);
    await agent.link.bundles.get(digest, AbortSignal.timeout(20_000));
    away = true;
    const told = agent.told();
    await agent.restart();
    await until(() => agent.told() > told, { what: 'it is told again' });
    expect(await agent.link.bundles.get(digest, AbortSignal.timeout(20_000))).toEqual(bundle);
  });

  it('[L7] brings a desired state that is larger than a message, in parts', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await until(() => hub.connected().includes(cluster), { what: 'it is connected' });
    const { digest, content } = encodeBundle(bundleOf('big', 'x'));
    const names = Array.from({ length: 3_000 }, (_, index) => `application-${index}-${'n'.repeat(150)}`);
    await world.db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('bundles')
        .values({ digest, size: content.length, objects: '[]', sealed: false, content })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await transaction
        .insertInto('releases')
        .values({
          id: 'big@1',
          application: 'big',
          source: 's',
          commit: '1',
          tree: 't',
          path: '',
          spec: '{}',
          origin: 'head',
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      for (let start = 0; start < names.length; start += 1_000) {
        await transaction
          .insertInto('placements')
          .values(
            names.slice(start, start + 1_000).map((application) => ({
              cluster,
              application,
              environment: 'dev',
              state: 'active' as const,
              release: 'big@1',
              bundle: digest,
              generation: 1,
              drift_mode: 'correct' as const,
            })),
          )
          .execute();
      }
    });
    await until(() => agent.desired().length === names.length, { what: 'all is assigned' });
  });

  it('[G4] [T4] serves the bundles that a cluster is assigned, and refuses others', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    const bundle = bundleOf('shop', 'served'.repeat(200_000));
    await world.assign('shop', [cluster], bundle);
    await until(() => runs(agent, bundle), { what: 'the bundle is assigned' });
    const { digest } = encodeBundle(bundle);
    expect(await agent.link.bundles.get(digest, AbortSignal.timeout(20_000))).toEqual(bundle);
    const others = bundleOf('secret', 'of another cluster');
    const other = newCluster();
    await hub.register(other);
    await world.assign('secret', [other], others);
    await expect(
      agent.link.bundles.get(encodeBundle(others).digest, AbortSignal.timeout(20_000)),
    ).rejects.toMatchObject({ code: 'bundle-not-assigned' });
  });

  it('[L2] goes on with a bundle after a cut in the middle of it', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    const bundle = bundleOf('shop', Buffer.alloc(12_000_000, cluster).toString());
    await world.assign('shop', [cluster], bundle);
    await until(() => runs(agent, bundle), { what: 'the bundle is assigned' });
    const { digest } = encodeBundle(bundle);
    const fetching = agent.link.bundles.get(digest, AbortSignal.timeout(50_000));
    const reads = world.bundleReads.length;
    await until(() => world.bundleReads.length > reads, { what: 'the hub reads it', every: 1 });
    hub.cut();
    expect((await fetching).application).toBe('shop');
  });

  it('[G4] reads a bundle once for all who ask for it together', async () => {
    const clusters = Array.from({ length: 5 }, newCluster);
    const own = await Promise.all(clusters.map(newAgent));
    const bundle = bundleOf('shop', `together ${clusters.join()}`);
    await world.assign('shop', clusters, bundle);
    await until(() => own.every((agent) => runs(agent, bundle)), { what: 'all are assigned' });
    const { digest } = encodeBundle(bundle);
    await Promise.all(own.map((agent) => agent.link.bundles.get(digest, AbortSignal.timeout(20_000))));
    expect(world.bundleReads.filter((read) => read === digest)).toHaveLength(1);
  });

  it('[L3] stores the latest status of each application, and forgets what an agent no longer holds', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.desired().length === 1, { what: 'the bundle is assigned' });
    const status = healthyStatus(assignmentOf(agent, 'shop'));
    for (let objects = 1; objects <= 50; objects++) {
      agent.link.reporter.status({ ...status, counts: { ...status.counts, objects } });
    }
    await until(async () => (await placement(cluster, 'shop')).reported?.counts.objects === 50, {
      what: 'the latest is stored',
    });
    expect(await placement(cluster, 'shop')).toMatchObject({
      health: 'healthy',
      phase: 'applied',
      running_release: status.release,
      running_bundle: status.bundle,
    });
    // A status of an older generation is history.
    agent.link.reporter.status({ ...status, generation: 0, health: 'degraded' });
    agent.link.reporter.event({ at: 1, application: 'shop', release: '', traceparent: null, detail: prunedNothing });
    await until(async () => (await eventsOf(cluster)).length === 1, { what: 'what came after it is stored' });
    expect((await placement(cluster, 'shop')).health).toBe('healthy');
  });

  it('[L3] keeps the drift that stands, and how each one ended', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.desired().length === 1, { what: 'the bundle is assigned' });
    const status = healthyStatus(assignmentOf(agent, 'shop'));
    const object = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
    const drift = { object, wanted: '2', found: '5', manager: 'kubectl-edit', firstSeen: 1_700_000_000_000 };
    const replicas = { ...drift, field: '/spec/replicas' };
    const paused = { ...drift, field: '/spec/paused' };
    const event = { at: 1_700_000_000_500, application: 'shop', release: 'r', traceparent: null };
    agent.link.reporter.event({ ...event, detail: { type: 'drift', drift: replicas, outcome: 'found' } });
    agent.link.reporter.event({ ...event, detail: { type: 'drift', drift: replicas, outcome: 'corrected' } });
    agent.link.reporter.status({ ...status, drifts: [paused] });
    const drifts = () =>
      world.db.selectFrom('drifts').selectAll().where('cluster', '=', cluster).orderBy('field').execute();
    await until(async () => (await drifts()).length === 2 && (await eventsOf(cluster)).length === 2, {
      what: 'both are stored',
    });
    const [first, second] = await drifts();
    expect(first).toMatchObject({ field: '/spec/paused', state: 'open', manager: 'kubectl-edit', ended_at: null });
    expect(second).toMatchObject({ field: '/spec/replicas', state: 'corrected', ended_at: new Date(event.at) });
    agent.link.reporter.status({ ...status, drifts: [] });
    await until(async () => (await drifts())[0]?.state === 'gone', { what: 'what is not listed any more is gone' });
    expect((await drifts())[1]?.state).toBe('corrected');
  });

  it('[L3] [L4] stores each event once and in order, through cuts and restarts of both sides', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await until(() => hub.connected().includes(cluster), { what: 'it is connected' });
    const count = 600;
    for (let at = 1; at <= count; at++) {
      agent.link.reporter.event({ at, application: 'shop', release: 'r', traceparent: null, detail: prunedNothing });
      if (at % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 40));
      if (at === 200) hub.cut();
      if (at === 300) await agent.restart();
      if (at === 400) await hub.restart();
      if (at === 500) hub.cut();
    }
    await until(async () => (await eventsOf(cluster)).length >= count, {
      what: 'all are stored',
      describe: async () =>
        `stored: ${(await eventsOf(cluster)).length}, agent: ${JSON.stringify(agent.link.connection())}`,
    });
    const stored = await eventsOf(cluster);
    expect(stored.map(({ at }) => at.getTime())).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    const forgotten = async () => (await agent.state.list('outbox/events/')).length === 0;
    await until(forgotten, { what: 'the agent has forgotten what is stored' });
  });

  it('[L2] heals what the hub lost: statuses are sent again when its digest differs', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.desired().length === 1, { what: 'the bundle is assigned' });
    agent.link.reporter.status(healthyStatus(assignmentOf(agent, 'shop')));
    await until(async () => (await placement(cluster, 'shop')).health === 'healthy', { what: 'the status is stored' });
    await world.db
      .updateTable('placements')
      .set({ reported: null, reported_digest: null, health: null })
      .where('cluster', '=', cluster)
      .execute();
    await until(async () => (await placement(cluster, 'shop')).health === 'healthy', { what: 'it is stored again' });
  });

  it('says in the database which clusters are connected, and since when', async () => {
    const cluster = newCluster();
    const agent = await newAgent(cluster);
    const row = () => world.db.selectFrom('clusters').selectAll().where('name', '=', cluster).executeTakeFirstOrThrow();
    await until(async () => (await row()).connected, { what: 'it is recorded as connected' });
    expect(await row()).toMatchObject({
      replica: 'replica-1',
      agent_version: '0.0.0-test',
      kubernetes_version: 'v1.30.0',
    });
    await agent.stop();
    await until(async () => !(await row()).connected, { what: 'it is recorded as gone' });
  });

  it('[T3] closes the stream of a revoked cluster within a second, and lets it in no more', async () => {
    const cluster = newCluster();
    await newAgent(cluster);
    await until(() => hub.connected().includes(cluster), { what: 'it is connected' });
    const revokedAt = performance.now();
    await revokeCluster(hub.fleet, { name: cluster, reason: 'stolen', actor: 'test' });
    await until(() => !hub.connected().includes(cluster), { what: 'its stream is closed', every: 5 });
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(hub.connected()).not.toContain(cluster);
  });

  it('keeps one stream a cluster: the newer one counts', async () => {
    const cluster = newCluster();
    const dialWith = await hub.register(cluster);
    const first = await createAgent(dialWith);
    agents.push(first);
    await until(() => hub.connected().includes(cluster), { what: 'the first is connected' });
    const dial = dialWith(first.state);
    const second = await createAgent(() => dial);
    agents.push(second);
    await until(() => first.link.connection().state === 'waiting', { what: 'the first one is let go' });
    expect(second.link.connection().state).toBe('connected');
    expect(first.link.connection()).toMatchObject({ wait: { reason: expect.stringContaining('newer stream') } });
  });
});

const prunedNothing: AgentEvent['detail'] = { type: 'pruned', objects: [] };

function eventsOf(cluster: string) {
  return world.db
    .selectFrom('events')
    .selectAll()
    .where('cluster', '=', cluster)
    .where('epoch', 'is not', null)
    .orderBy('id')
    .execute();
}
