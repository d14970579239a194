import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBundle } from '../../core/bundle.ts';
import { revokeCluster } from '../../hub/fleet/clusters.ts';
import { until } from '../until.ts';
import { createScene, newCluster, type Scene } from './link/scene.ts';
import { type Transport, transports } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, type World } from './link/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

describe.each(transports)('link over %s', (_, open) => {
  let scene: Scene;
  let hub: Transport;

  beforeEach(async () => {
    scene = await createScene(world, open);
    hub = scene.hub;
  });
  afterEach(() => scene.close());

  it('[L2] brings the desired state to an agent, and each change of it', async () => {
    const cluster = newCluster();
    const agent = await scene.newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.runs(bundleOf('shop', 'one')), { what: 'the first bundle is assigned' });
    await world.assign('shop', [cluster], bundleOf('shop', 'two'));
    await world.assign('database', [cluster], bundleOf('database', 'one'));
    await until(() => agent.runs(bundleOf('shop', 'two')) && agent.runs(bundleOf('database', 'one')), {
      what: 'both are assigned',
    });
    await world.withdraw('shop', cluster);
    await until(() => agent.desired().length === 1, { what: 'the withdrawn one is gone' });
  });

  it('[L2] sends nothing again to an agent that holds what is desired', async () => {
    const cluster = newCluster();
    const agent = await scene.newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.runs(bundleOf('shop', 'one')), { what: 'the bundle is assigned' });
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
    scene.keep(agent);
    const bundle = bundleOf('shop', 'kept');
    await world.assign('shop', [cluster], bundle);
    await until(() => agent.runs(bundle), { what: 'the bundle is assigned' });
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
    const agent = await scene.newAgent(cluster);
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
    const agent = await scene.newAgent(cluster);
    const bundle = bundleOf('shop', 'served'.repeat(200_000));
    await world.assign('shop', [cluster], bundle);
    await until(() => agent.runs(bundle), { what: 'the bundle is assigned' });
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
    const agent = await scene.newAgent(cluster);
    const bundle = bundleOf('shop', Buffer.alloc(12_000_000, cluster).toString());
    await world.assign('shop', [cluster], bundle);
    await until(() => agent.runs(bundle), { what: 'the bundle is assigned' });
    const { digest } = encodeBundle(bundle);
    const fetching = agent.link.bundles.get(digest, AbortSignal.timeout(50_000));
    const reads = world.bundleReads.length;
    await until(() => world.bundleReads.length > reads, { what: 'the hub reads it', every: 1 });
    hub.cut();
    expect((await fetching).application).toBe('shop');
  });

  it('[G4] reads a bundle once for all who ask for it together', async () => {
    const clusters = Array.from({ length: 5 }, newCluster);
    const own = await Promise.all(clusters.map(scene.newAgent));
    const bundle = bundleOf('shop', `together ${clusters.join()}`);
    await world.assign('shop', clusters, bundle);
    await until(() => own.every((agent) => agent.runs(bundle)), { what: 'all are assigned' });
    const { digest } = encodeBundle(bundle);
    await Promise.all(own.map((agent) => agent.link.bundles.get(digest, AbortSignal.timeout(20_000))));
    expect(world.bundleReads.filter((read) => read === digest)).toHaveLength(1);
  });

  it('says in the database which clusters are connected, and since when', async () => {
    const cluster = newCluster();
    const agent = await scene.newAgent(cluster);
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
    await scene.newAgent(cluster);
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
    scene.keep(first);
    await until(() => hub.connected().includes(cluster), { what: 'the first is connected' });
    const dial = dialWith(first.state);
    const second = await createAgent(() => dial);
    scene.keep(second);
    await until(() => first.link.connection().state === 'waiting', { what: 'the first one is let go' });
    expect(second.link.connection().state).toBe('connected');
    expect(first.link.connection()).toMatchObject({ wait: { reason: expect.stringContaining('newer stream') } });
  });
});
