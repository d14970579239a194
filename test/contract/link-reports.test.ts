import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../core/link/status.ts';
import { until } from '../until.ts';
import { createScene, newCluster, type Scene } from './link/scene.ts';
import { type Transport, transports } from './link/transports.ts';
import { bundleOf, createWorld, healthyStatus, type World } from './link/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

describe.each(transports)('reports over %s', (_, open) => {
  let scene: Scene;
  let hub: Transport;

  beforeEach(async () => {
    scene = await createScene(world, open);
    hub = scene.hub;
  });
  afterEach(() => scene.close());

  it('[L3] stores the latest status of each application, and forgets what an agent no longer holds', async () => {
    const cluster = newCluster();
    const agent = await scene.newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.desired().length === 1, { what: 'the bundle is assigned' });
    const status = healthyStatus(agent.assignment('shop'));
    for (let objects = 1; objects <= 50; objects++) {
      agent.link.reporter.status({ ...status, counts: { ...status.counts, objects } });
    }
    await until(async () => (await world.placement(cluster, 'shop')).reported?.counts.objects === 50, {
      what: 'the latest is stored',
    });
    expect(await world.placement(cluster, 'shop')).toMatchObject({
      health: 'healthy',
      phase: 'applied',
      running_release: status.release,
      running_bundle: status.bundle,
    });
    // A status of an older generation is history.
    agent.link.reporter.status({ ...status, generation: 0, health: 'degraded' });
    agent.link.reporter.event({ at: 1, application: 'shop', release: '', traceparent: null, detail: prunedNothing });
    await until(async () => (await world.eventsOf(cluster)).length === 1, { what: 'what came after it is stored' });
    expect((await world.placement(cluster, 'shop')).health).toBe('healthy');
  });

  it('[L3] keeps the drift that stands, and how each one ended', async () => {
    const cluster = newCluster();
    const agent = await scene.newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.desired().length === 1, { what: 'the bundle is assigned' });
    const status = healthyStatus(agent.assignment('shop'));
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
    await until(async () => (await drifts()).length === 2 && (await world.eventsOf(cluster)).length === 2, {
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
    const agent = await scene.newAgent(cluster);
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
    await until(async () => (await world.eventsOf(cluster)).length >= count, {
      what: 'all are stored',
      describe: async () =>
        `stored: ${(await world.eventsOf(cluster)).length}, agent: ${JSON.stringify(agent.link.connection())}`,
    });
    const stored = await world.eventsOf(cluster);
    expect(stored.map(({ at }) => at.getTime())).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    const forgotten = async () => (await agent.state.list('outbox/events/')).length === 0;
    await until(forgotten, { what: 'the agent has forgotten what is stored' });
  });

  it('[L2] heals what the hub lost: statuses are sent again when its digest differs', async () => {
    const cluster = newCluster();
    const agent = await scene.newAgent(cluster);
    await world.assign('shop', [cluster], bundleOf('shop', 'one'));
    await until(() => agent.desired().length === 1, { what: 'the bundle is assigned' });
    agent.link.reporter.status(healthyStatus(agent.assignment('shop')));
    await until(async () => (await world.placement(cluster, 'shop')).health === 'healthy', {
      what: 'the status is stored',
    });
    await world.db
      .updateTable('placements')
      .set({ reported: null, reported_digest: null, health: null })
      .where('cluster', '=', cluster)
      .execute();
    await until(async () => (await world.placement(cluster, 'shop')).health === 'healthy', {
      what: 'it is stored again',
    });
  });
});

const prunedNothing: AgentEvent['detail'] = { type: 'pruned', objects: [] };
