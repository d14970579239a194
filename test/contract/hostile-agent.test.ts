import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enrol } from '../../agent/link/enrol.ts';
import { createClient } from '../../agent/link/grpc.ts';
import type { AgentMessage, HubMessage } from '../../core/link/messages.ts';
import { protocolVersion } from '../../core/link/protocol.ts';
import type { ApplicationStatus, Drift } from '../../core/link/status.ts';
import { registerCluster } from '../../hub/fleet/clusters.ts';
import { agentCodec, hubCodec } from '../../proto/codec.ts';
import { until } from '../until.ts';
import { type GrpcTransport, openGrpc } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, healthyStatus, type World } from './link/world.ts';

let world: World;
let hub: GrpcTransport;
let folder: string;
let number = 0;
const newCluster = () => `h-${++number}`;
const never = new AbortController().signal;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  hub = await openGrpc(world);
  folder = await mkdtemp(join(tmpdir(), 'fairway-hostile-agent-'));
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.close();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const address = () => ({ host: '127.0.0.1', port: hub.port() });

/** A joined cluster whose agent says whatever the test likes. */
interface Peer {
  readonly heard: HubMessage[];
  readonly isOver: () => boolean;
  say(message: AgentMessage): void;
  close(): void;
}

const peers: Peer[] = [];

async function joined(cluster: string, agentVersion = '1'): Promise<() => Peer> {
  const { token } = await registerCluster(hub.fleet, { name: cluster, actor: 'test' });
  const { authorities, key, certificate } = await enrol(address(), token, agentVersion, never);
  return () => {
    const client = createClient(address(), authorities, { key, certificate });
    const stream = client.link();
    const heard: HubMessage[] = [];
    let over = false;
    const end = () => {
      over = true;
    };
    stream.on('data', (bytes: Buffer) => heard.push(hubCodec.decode(bytes)));
    stream.on('error', end).on('end', end);
    const peer: Peer = {
      heard,
      isOver: () => over,
      say: (message) => void stream.write(agentCodec.encode(message)),
      close: () => client.close(),
    };
    peers.push(peer);
    return peer;
  };
}

const hello = (versions: { agentVersion?: string; kubernetesVersion?: string } = {}): AgentMessage => ({
  ...{ type: 'hello', protocol: protocolVersion, agentVersion: '1', kubernetesVersion: 'v1.30.0' },
  ...{ desired: '', status: '', epoch: 'e', eventsDropped: 0, ...versions },
});
const status = (sequence: number, applications: readonly ApplicationStatus[]): AgentMessage => ({
  ...{ type: 'status', sequence, applications, full: false, complete: false },
});
const welcomed = (peer: Peer) =>
  until(() => peer.heard.some(({ type }) => type === 'welcome'), { what: 'it is welcomed' });
const stored = (peer: Peer, sequence: number) =>
  until(() => peer.heard.some((message) => message.type === 'receipt' && message.status >= sequence), {
    what: `status ${sequence} is stored`,
    describe: () => JSON.stringify(peer.heard),
  });
const cluster = (name: string) =>
  world.db.selectFrom('clusters').selectAll().where('name', '=', name).executeTakeFirstOrThrow();

/** 128 characters of which the last is half of a rocket. */
const cutInTwo = `${'x'.repeat(127)}🚀`;

describe('[L7] an agent of somebody who means harm', () => {
  it('keeps no other from being seen as connected', async () => {
    const [bad, good] = [newCluster(), newCluster()];
    const [openBad, openGood] = await Promise.all([joined(bad), joined(good)]);
    openBad().say(hello({ agentVersion: cutInTwo, kubernetesVersion: cutInTwo }));
    openGood().say(hello());
    await until(async () => (await cluster(good)).connected, { what: 'the other is seen' });
    await until(async () => (await cluster(bad)).connected, { what: 'it is seen itself' });
  });

  it.each([cutInTwo, 'a\0b'])('joins under a version of %j, and no part of the hub fails', async (version) => {
    const name = newCluster();
    await joined(name, version);
    expect((await cluster(name)).state).toBe('joined');
  });

  it('reports texts that no database takes, and is heard all the same', async () => {
    const name = newCluster();
    const open = await joined(name);
    await world.assign('shop', [name], bundleOf('shop', 'x'));
    const peer = open();
    peer.say(hello());
    await welcomed(peer);
    const { release, bundle, generation } = await world.placement(name, 'shop');
    const healthy = healthyStatus({ application: 'shop', release, bundle, generation } as never);
    const texts = [`${'x'.repeat(1_022)}🚀🚀`, 'a\0b', '\u001b[31m\r\n', `${'x'.repeat(699)}🚀`.repeat(2)];
    for (const [index, text] of texts.entries()) {
      const object = { group: text, kind: text, namespace: text, name: text };
      const drift: Drift = { object, field: text, wanted: text, found: text, manager: text, firstSeen: index + 1 };
      const problems = [{ object, code: text, field: text, message: text, health: null }];
      peer.say(status(index + 1, [{ ...healthy, message: text, problems, drifts: [drift] }]));
      await stored(peer, index + 1);
    }
    expect(peer.isOver()).toBe(false);
    expect((await world.placement(name, 'shop')).reported?.message).toMatch(/^x+/);
  });

  it('[T4] reports nothing about another cluster, or about what is not placed on its own', async () => {
    const [bad, good] = [newCluster(), newCluster()];
    const [open] = await Promise.all([joined(bad), joined(good)]);
    await world.assign('theirs', [good], bundleOf('theirs', 'x'));
    const before = await world.placement(good, 'theirs');
    const peer = open();
    peer.say(hello());
    await welcomed(peer);
    peer.say(status(1, [healthyStatus({ ...before, application: 'theirs' } as never)]));
    await stored(peer, 1);
    expect(await world.placement(good, 'theirs')).toEqual(before);
  });

  it('[T4] asks for the bundle of another cluster in vain', async () => {
    const [bad, good] = [newCluster(), newCluster()];
    const [open] = await Promise.all([joined(bad), joined(good)]);
    await world.assign('secret', [good], bundleOf('secret', 'not for everybody'));
    const { bundle } = await world.placement(good, 'secret');
    const peer = open();
    peer.say(hello());
    await welcomed(peer);
    for (const digest of [bundle, '', '../../etc/passwd', 'x'.repeat(500_000)])
      peer.say({ type: 'bundle-request', digest });
    const refusals = () => peer.heard.filter(({ type }) => type === 'bundle-refused');
    await until(() => refusals().length === 4, { what: 'all four are refused' });
    expect(peer.heard.some(({ type }) => type === 'bundle-chunk')).toBe(false);
    expect(JSON.stringify(peer.heard)).not.toContain('not for everybody');
  });

  it('keeps nobody waiting with connections that say nothing, or begin and say no more', async () => {
    await hub.close();
    hub = await openGrpc(world, { limits: { handshakes: 2, handshakeTime: 30_000 } });
    const idle = Array.from({ length: 20 }, (_, index) => {
      const socket = connect(hub.port(), '127.0.0.1');
      socket.on('error', () => undefined);
      if (index < 4) socket.write(Buffer.from('160301020001', 'hex'));
      return socket;
    });
    await until(() => idle.every(({ readyState }) => readyState === 'open'), { what: 'all of them are open' });
    const { token } = await registerCluster(hub.fleet, { name: newCluster(), actor: 'test' });
    await expect(enrol(address(), token, '1', never)).resolves.toMatchObject({});
    for (const socket of idle) socket.destroy();
  });

  it('[L5] is let go when it has waited for too long, and an agent that comes again is let in', async () => {
    await hub.close();
    hub = await openGrpc(world, { limits: { handshakes: 1, queueTime: 500 } });
    const cluster = newCluster();
    const dialWith = await hub.register(cluster);
    const slow = Array.from({ length: 5 }, () => connect(hub.port(), '127.0.0.1'));
    for (const socket of slow) {
      socket.on('error', () => undefined);
      socket.write(Buffer.from('160301020001', 'hex'));
    }
    const agent = await createAgent(dialWith);
    try {
      await until(() => slow.filter(({ closed }) => closed).length >= 3, { what: 'most of them are let go' });
      await until(() => hub.connected().includes(cluster), { what: 'the agent is let in' });
    } finally {
      await agent.remove();
      for (const socket of slow) socket.destroy();
    }
  });
});
