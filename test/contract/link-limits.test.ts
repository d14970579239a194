import type { KyselyPlugin } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeBundle } from '../../core/bundle.ts';
import { statusDigest, statusesDigest } from '../../core/link/status.ts';
import { revokeCluster } from '../../hub/fleet/clusters.ts';
import { createStreams } from '../../hub/link/streams.ts';
import { createMemoryLink } from '../memory/link.ts';
import { until } from '../until.ts';
import { createScene, newCluster, type Scene } from './link/scene.ts';
import { openMemory } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, healthyStatus, type TestAgent, type World } from './link/world.ts';

let world: World;
let scene: Scene | null = null;
beforeAll(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await scene?.close();
  scene = null;
});
afterAll(() => world.stop());

describe('many streams', () => {
  it('with news at once are read with one query', async () => {
    const asked: string[] = [];
    const counting: KyselyPlugin = {
      transformQuery: ({ node }) => {
        const text = JSON.stringify(node);
        if (text.includes('left join placements')) asked.push(text);
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const own = await createScene({ ...world, db: world.db.withPlugin(counting) }, openMemory);
    scene = own;
    const clusters = Array.from({ length: 60 }, newCluster);
    const agents = await Promise.all(clusters.map(own.newAgent));
    await until(() => clusters.every((cluster) => own.hub.connected().includes(cluster)), {
      what: 'all are connected',
    });
    asked.length = 0;
    const bundle = bundleOf('shop', 'for all');
    await world.assign('shop', clusters, bundle);
    await until(() => agents.every((agent) => agent.runs(bundle)), { what: 'all have it' });
    const checkpoints = 4;
    expect(asked.length).toBeLessThanOrEqual(1 + checkpoints);
  });
});

describe('agents that are sent away together', () => {
  it('[L5] are each told when to come back, one after another, and keep to it', async () => {
    const admitEvery = 120;
    const own = await createScene(world, openMemory, { limits: { admitEvery } });
    scene = own;
    const clusters = Array.from({ length: 8 }, newCluster);
    const agents: TestAgent[] = [];
    for (const cluster of clusters) {
      agents.push(await own.newAgent(cluster));
      await until(() => own.hub.connected().includes(cluster), { what: `${cluster} is connected` });
    }
    const leftAt = Date.now();
    await own.hub.restart();
    await until(() => clusters.every((cluster) => own.hub.connected().includes(cluster)), { what: 'all are back' });
    const back = agents.map(({ link }) => {
      const state = link.connection();
      return state.state === 'connected' ? state.since - leftAt : Number.NaN;
    });
    for (const [position, after] of back.entries()) expect(after).toBeGreaterThanOrEqual(position * admitEvery);
  });
});

describe('messages that are lost though the stream stands', () => {
  it.each([1, 2, 3])('[L2] delay and never diverge (seed %i)', async (seed) => {
    const random = generator(seed);
    let losing = true;
    const own = await createScene(world, openMemory, {
      loses: (message) => losing && message.type !== 'hello' && message.type !== 'welcome' && random() < 0.3,
    });
    scene = own;
    const cluster = newCluster();
    const agent = await own.newAgent(cluster);
    for (let turn = 0; turn < 15; turn++) {
      await world.assign(`application-${turn % 4}`, [cluster], bundleOf(`application-${turn % 4}`, `turn ${turn}`));
      for (const assignment of agent.desired()) agent.link.reporter.status(healthyStatus(assignment));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    losing = false;
    const settled = async () => {
      const rows = await world.db.selectFrom('placements').selectAll().where('cluster', '=', cluster).execute();
      for (const assignment of agent.desired()) agent.link.reporter.status(healthyStatus(assignment));
      const hub = statusesDigest(rows.map(({ application, reported_digest }) => [application, reported_digest ?? '']));
      const own = agent.desired().map((assignment) => healthyStatus(assignment));
      const told = statusesDigest(own.map((status) => [status.application, statusDigest(status)]));
      const desired = rows.every(({ application, bundle, generation }) =>
        agent
          .desired()
          .some((one) => one.application === application && one.bundle === bundle && one.generation === generation),
      );
      return rows.length === agent.desired().length && desired && hub === told;
    };
    await until(settled, { what: 'both sides are equal' });
  });
});

describe('a peer', () => {
  it('[L7] that takes nothing is let go, and until then costs a bounded amount', async () => {
    const { hub, streams, cluster, close } = await openRaw({ stallTime: 300 });
    const bundle = bundleOf('shop', 'x'.repeat(8_000_000));
    await world.assign('shop', [cluster], bundle);
    let bytes = 0;
    const { agent } = hub;
    agent.receive({
      message: (message) => {
        if (message.type === 'welcome') agent.send({ type: 'bundle-request', digest: encodeBundle(bundle).digest });
        if (message.type !== 'bundle-chunk') return;
        bytes += message.data.byteLength;
        agent.pause();
      },
      closed: () => undefined,
    });
    agent.send(hello);
    await until(() => streams.connected().includes(cluster), { what: 'it is welcomed' });
    await until(() => !streams.connected().includes(cluster), { what: 'it is let go' });
    expect(bytes).toBeLessThanOrEqual(256 * 1024);
    await close();
  });

  it('[L7] that sends faster than is allowed is read more slowly, and loses nothing', async () => {
    const { hub, streams, cluster, close } = await openRaw({ messageBurst: 5, messagesPerSecond: 50 });
    const { agent } = hub;
    let stored = 0;
    agent.receive({
      message: (message) => {
        if (message.type === 'receipt') stored = message.events;
        if (message.type !== 'welcome') return;
        for (let sequence = 1; sequence <= 30; sequence++) {
          const detail = { type: 'pruned', objects: [] } as const;
          const event = { sequence, at: sequence, application: 'shop', release: '', traceparent: null, detail };
          agent.send({ type: 'events', events: [event], after: sequence - 1, through: sequence });
        }
      },
      closed: () => undefined,
    });
    const startedAt = performance.now();
    agent.send(hello);
    await until(() => stored === 30, { what: 'all is stored', every: 5 });
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    expect((await world.eventsOf(cluster)).map(({ sequence }) => sequence)).toHaveLength(30);
    expect(streams.connected()).toContain(cluster);
    await close();
  });

  async function openRaw(limits: Parameters<typeof createStreams>[0]['limits'] = {}) {
    const cluster = newCluster();
    await world.db.insertInto('clusters').values({ name: cluster, labels: '{}', state: 'joined' }).execute();
    const { db, news, bundle, log } = world;
    const streams = await createStreams({
      db,
      news,
      bundle,
      log,
      now: Date.now,
      replica: `raw-${cluster}`,
      version: '1',
      limits: limits ?? {},
    });
    const hub = createMemoryLink();
    streams.accept(hub.hub, { cluster, serial: cluster, expiresAt: Date.now() + 60_000 });
    return { hub, streams, cluster, close: () => streams.close() };
  }
});

describe('trust', () => {
  let agent: TestAgent;
  const clusterOf = async (own: Scene) => {
    const cluster = newCluster();
    agent = await own.newAgent(cluster);
    await until(() => own.hub.connected().includes(cluster), { what: 'it is connected' });
    return cluster;
  };

  it('[T3] ends though the news of a revocation is lost', async () => {
    scene = await createScene({ ...world, news: { ...world.news, subscribe: () => () => undefined } }, openMemory);
    const own = scene;
    const cluster = await clusterOf(own);
    await revokeCluster(own.hub.fleet, { name: cluster, reason: null, actor: 'test' });
    await until(() => !own.hub.connected().includes(cluster), {
      what: 'the stream is closed',
      within: 3_000,
      every: 10,
    });
  });

  it('[T3] is not lent by a replica that has lost its database, and returns with it', async () => {
    const other = await createWorld();
    const own = await createScene(other, openMemory, { limits: { databaseGrace: 400, revocationPoll: 100 } });
    const cluster = await clusterOf(own);
    await other.db.schema.alterTable('certificates').renameTo('away').execute();
    await until(() => !own.hub.connected().includes(cluster), { what: 'no stream is served', every: 10 });
    await other.db.schema.alterTable('away').renameTo('certificates').execute();
    await until(() => agent.link.connection().state === 'connected', { what: 'the agent is back' });
    await own.close();
    await other.stop();
  });
});

describe('an outbox', () => {
  it('[L4] sends what it saw when the hub is back, in order', async () => {
    scene = await createScene(world, openMemory);
    const cluster = newCluster();
    const dialWith = await scene.hub.register(cluster);
    let away = true;
    const agent = await createAgent((state) => {
      const dial = dialWith(state);
      return (signal) => (away ? Promise.reject(new Error('away')) : dial(signal));
    });
    scene.keep(agent);
    const detail = { type: 'pruned', objects: [] } as const;
    for (let at = 1; at <= 450; at++) {
      agent.link.reporter.event({ at, application: 'shop', release: '', traceparent: null, detail });
    }
    await agent.restart();
    away = false;
    await until(async () => (await world.eventsOf(cluster)).length === 450, { what: 'all have come' });
    const stored = await world.eventsOf(cluster);
    expect(stored.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
  });
});

const hello = {
  type: 'hello',
  protocol: 1,
  agentVersion: '1',
  kubernetesVersion: 'v1.30.0',
  desired: '',
  status: '',
  epoch: 'raw',
  eventsDropped: 0,
} as const;

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
