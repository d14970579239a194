import { createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateRequest } from '../../agent/link/certificate-request.ts';
import { enrol } from '../../agent/link/enrol.ts';
import { createClient } from '../../agent/link/grpc.ts';
import type { Identity } from '../../agent/link/identity.ts';
import { openDiskState } from '../../agent/state/disk.ts';
import type { State } from '../../agent/state/port.ts';
import type { FairwayError } from '../../core/errors.ts';
import { decodeJoinToken, encodeJoinToken } from '../../core/link/join-token.ts';
import { goodbye } from '../../core/link/session.ts';
import { openAuthority } from '../../hub/fleet/authority.ts';
import { claimDatabase } from '../../hub/fleet/authority-record.ts';
import { registerCluster, revokeCluster } from '../../hub/fleet/clusters.ts';
import { agentCodec, hubCodec } from '../../proto/codec.ts';
import { fromServiceError } from '../../proto/refusal.ts';
import { dialHub } from '../dial.ts';
import { until } from '../until.ts';
import { type GrpcTransport, openGrpc } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, log, type World } from './link/world.ts';

let world: World;
let hub: GrpcTransport;
let folder: string;
let state: State;
let number = 0;
const newCluster = () => `t-${++number}`;
const never = new AbortController().signal;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  hub = await openGrpc(world);
  folder = await mkdtemp(join(tmpdir(), 'fairway-trust-'));
  state = await openDiskState(folder);
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const address = () => ({ host: '127.0.0.1', port: hub.port() });
const register = (name: string, timeToLive?: number) => registerCluster(hub.fleet, { name, actor: 'test', timeToLive });
const dialWith = (joinToken: string, port = hub.port()) =>
  dialHub({ state, hub: `127.0.0.1:${port}`, joinToken, version: '0.0.0-test', log });

describe('joining', () => {
  it('[T1] [T2] exchanges a token for a certificate that names the cluster, once', async () => {
    const cluster = newCluster();
    const { token } = await register(cluster);
    const identity = await enrol(address(), token, '1.0.0', never);
    expect(identity.cluster).toBe(cluster);
    expect(identity.authorities).toEqual(hub.authority.authorities);
    await expect(enrol(address(), token, '1.0.0', never)).rejects.toMatchObject({
      code: 'join-token-used',
      field: 'token',
      retry: 'terminal',
      remedy: expect.stringContaining('fairway cluster register'),
    });
    const row = await world.db
      .selectFrom('clusters')
      .select('state')
      .where('name', '=', cluster)
      .executeTakeFirstOrThrow();
    expect(row.state).toBe('joined');
  });

  it('[T1] of two uses at once one wins', async () => {
    const { token } = await register(newCluster());
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => enrol(address(), token, '1.0.0', never)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('[T1] [X4] refuses tokens that expired, are unknown, or were damaged, each in its own words', async () => {
    const { token } = await register(newCluster(), 1_000);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await expect(enrol(address(), token, '1', never)).rejects.toMatchObject({ code: 'join-token-expired' });
    const unknown = encodeJoinToken({ ...decodeJoinToken(token), secret: randomBytes(32) });
    await expect(enrol(address(), unknown, '1', never)).rejects.toMatchObject({ code: 'join-token-unknown' });
    await expect(enrol(address(), token.slice(0, -3), '1', never)).rejects.toMatchObject({
      code: 'join-token-malformed',
    });
  });

  it('[T2] shows the token only to the hub that gave it', async () => {
    const cluster = newCluster();
    const { token } = await register(cluster);
    const stranger = encodeJoinToken({ ...decodeJoinToken(token), fingerprints: ['0'.repeat(64), '1'.repeat(64)] });
    await expect(dialWith(stranger)(never)).rejects.toMatchObject({ code: 'hub-untrusted', retry: 'again' });
    expect((await enrol(address(), token, '1', never)).cluster).toBe(cluster);
  });

  it('[X4] says so where the address is not that of a hub', async () => {
    const { token } = await register(newCluster());
    const http = createServer((_, response) => void response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => http.once('listening', resolve));
    const { port } = http.address() as { port: number };
    await expect(dialWith(token, port)(never)).rejects.toMatchObject({ code: 'hub-not-fairway', field: 'hub' });
    await new Promise((resolve) => http.close(resolve));
    await expect(dialWith(token, port)(never)).rejects.toMatchObject({ code: 'hub-unreachable' });
    expect(() => dialWith(token, 99_999)).toThrow(expect.objectContaining({ code: 'address-invalid' }));
  });

  it('ends an agent that has no way in, and lets one with an identity go on', async () => {
    const { token } = await register(newCluster());
    const first = await createAgent(() => dialWith(token));
    await until(() => first.link.connection().state === 'connected', { what: 'the first agent is connected' });
    const { token: used } = await register(newCluster());
    await enrol(address(), used, '1', never);
    const other = await mkdtemp(join(tmpdir(), 'fairway-trust-'));
    const otherState = await openDiskState(other);
    const lost = await createAgent(() =>
      dialHub({ state: otherState, hub: `127.0.0.1:${hub.port()}`, joinToken: used, version: '1', log }),
    );
    await expect(lost.link.ended).rejects.toMatchObject({ code: 'join-token-used' });
    const again = await createAgent(() => dialWith(used));
    await until(() => again.link.connection().state === 'connected', { what: 'it goes on with what it has' });
    await Promise.all([first.remove(), lost.remove(), again.remove(), rm(other, { recursive: true, force: true })]);
  });

  it('[X2] lets a rebuilt cluster join under its old name, and shuts the old agent out', async () => {
    const cluster = newCluster();
    const { token } = await register(cluster);
    const before = await enrol(address(), token, '1', never);
    const { token: fresh } = await registerCluster(hub.fleet, { name: cluster, actor: 'test', replace: true });
    await expect(linkError(before)).resolves.toMatchObject({ code: 'cluster-revoked' });
    expect((await enrol(address(), fresh, '1', never)).cluster).toBe(cluster);
  });
});

describe('links', () => {
  it('[T2] are refused without a certificate, and with a foreign or expired one', async () => {
    const { token } = await register(newCluster());
    const identity = await enrol(address(), token, '1', never);
    await expect(linkError(null)).resolves.toMatchObject({ code: 'certificate-missing' });
    const strangers = await mkdtemp(join(tmpdir(), 'fairway-trust-'));
    const foreign = await openAuthority(strangers);
    await expect(linkError(await signedBy(foreign, identity))).resolves.toMatchObject({
      code: 'certificate-untrusted',
    });
    await rm(strangers, { recursive: true, force: true });
    const longAgo = await openAuthority(hub.directory, () => Date.now() - 100 * 24 * 60 * 60_000);
    await expect(linkError(await signedBy(longAgo, identity))).resolves.toMatchObject({ code: 'certificate-expired' });
    // The hub's own record of an end counts as well: a resumed session may carry what has expired since.
    await world.db
      .updateTable('certificates')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('cluster', '=', identity.cluster)
      .execute();
    await expect(linkError(identity)).resolves.toMatchObject({ code: 'certificate-expired' });
  });

  it('[T3] are refused to a revoked cluster, in words that help', async () => {
    const cluster = newCluster();
    const { token } = await register(cluster);
    const identity = await enrol(address(), token, '1', never);
    await revokeCluster(hub.fleet, { name: cluster, reason: null, actor: 'test' });
    await expect(linkError(identity)).resolves.toMatchObject({
      code: 'cluster-revoked',
      remedy: expect.stringContaining(`register ${cluster} --replace`),
    });
  });

  it('[T3] end within a second where the peer has stopped reading', async () => {
    const cluster = newCluster();
    const agent = await createAgent(await hub.register(cluster));
    await until(() => hub.connected().includes(cluster), { what: 'it is connected' });
    hub.wire.stall();
    const revokedAt = performance.now();
    await revokeCluster(hub.fleet, { name: cluster, reason: null, actor: 'test' });
    await until(() => !hub.connected().includes(cluster), { what: 'its stream is closed', every: 5 });
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    await agent.remove();
  });

  it('[L6] end with both versions named where an agent is too new', async () => {
    const { token } = await register(newCluster());
    const identity = await enrol(address(), token, '1', never);
    const client = createClient(address(), identity.authorities, identity);
    const stream = client.link();
    const said = new Promise((resolve) => stream.once('data', (bytes: Buffer) => resolve(hubCodec.decode(bytes))));
    stream.on('error', () => undefined);
    stream.write(agentCodec.encode({ ...hello, protocol: 9 }));
    expect(await said).toMatchObject({
      type: 'goodbye',
      code: 'protocol-unsupported',
      reason: expect.stringMatching(/9.* 1/),
    });
    client.close();
  });

  it('[L7] end where the peer breaks the protocol or sends what is no message', async () => {
    const { token } = await register(newCluster());
    const identity = await enrol(address(), token, '1', never);
    const client = createClient(address(), identity.authorities, identity);
    const stream = client.link();
    const said = new Promise((resolve) => stream.once('data', (bytes: Buffer) => resolve(hubCodec.decode(bytes))));
    stream.on('error', () => undefined);
    stream.write(agentCodec.encode({ type: 'checkpoint', desired: '', status: '' }));
    expect(await said).toMatchObject({
      ...goodbye('protocol-violation', ''),
      reason: expect.stringContaining('hello'),
      retryAfter: 60_000,
    });
    client.close();
    for (const bytes of [randomBytes(1_000), Buffer.alloc(3 * 1024 * 1024)]) {
      const other = createClient(address(), identity.authorities, identity);
      const broken = other.link();
      const over = new Promise((resolve) => broken.once('error', resolve).once('end', resolve));
      broken.resume();
      broken.write(bytes);
      await over;
      other.close();
    }
  });
});

describe('the port', () => {
  it('[L7] is not hurt by bytes that are no TLS, no HTTP/2, or no end of them', async () => {
    const cluster = newCluster();
    const agent = await createAgent(await hub.register(cluster));
    await until(() => hub.connected().includes(cluster), { what: 'it is connected' });
    const before = process.memoryUsage().rss;
    const garbage = randomBytes(1024 * 1024);
    await Promise.all([
      pour(connect(hub.port(), '127.0.0.1'), garbage, 100),
      pour(
        connectTls({ port: hub.port(), host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
        garbage,
        100,
      ),
      pour(connectTls({ port: hub.port(), host: '127.0.0.1', rejectUnauthorized: false }), garbage, 5),
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    await world.assign('shop', [cluster], bundleOf('shop', 'after the garbage'));
    await until(() => agent.desired().length === 1, { what: 'the link still works' });
    expect(hub.connected()).toContain(cluster);
    await agent.remove();
  });

  it('[L7] lets connections that do nothing go', async () => {
    await hub.close();
    hub = await openGrpc(world, { limits: { idleTime: 200, handshakeTime: 200 } });
    const silent = connect(hub.port(), '127.0.0.1');
    const idle = connectTls({ port: hub.port(), host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await Promise.all([silent, idle].map(closed));
  });

  it('[L7] slows joins from one address down', async () => {
    await hub.close();
    hub = await openGrpc(world, { limits: { joinBurst: 2, joinEvery: 60_000 } });
    const { token } = await register(newCluster());
    const unknown = encodeJoinToken({ ...decodeJoinToken(token), secret: randomBytes(32) });
    for (const code of ['join-token-unknown', 'join-token-unknown', 'too-many-joins']) {
      await expect(enrol(address(), unknown, '1', never)).rejects.toMatchObject({ code });
    }
  });
});

describe('a database and an authority', () => {
  it('belong together: another authority is refused, with what to do', async () => {
    await claimDatabase(world.db, hub.authority, '/data');
    await claimDatabase(world.db, hub.authority, '/data');
    const other = await openAuthority(folder);
    await expect(claimDatabase(world.db, other, '/data')).rejects.toMatchObject({
      code: 'authority-mismatch',
      remedy: expect.stringContaining('/data/authority'),
    });
  });
});

const hello = {
  type: 'hello',
  protocol: 1,
  agentVersion: '1',
  kubernetesVersion: 'v1.30.0',
  desired: '',
  status: '',
  epoch: 'e',
  eventsDropped: 0,
} as const;

/** What a hub says to a link with this identity. */
function linkError(identity: Pick<Identity, 'key' | 'certificate'> | null): Promise<FairwayError | null> {
  const client = createClient(address(), hub.authority.authorities, identity);
  return new Promise<FairwayError | null>((resolve) => {
    const stream = client.link();
    stream.on('error', (error) => resolve(fromServiceError(error as never)));
    stream.on('data', () => resolve(null));
    stream.write(agentCodec.encode(hello));
  }).finally(() => client.close());
}

async function signedBy(authority: Awaited<ReturnType<typeof openAuthority>>, { key, cluster }: Identity) {
  const { certificate } = await authority.sign(certificateRequest(createPrivateKey(key)), cluster);
  return { key, certificate };
}

/** Sends a chunk so many times, or until the other side has had enough. */
async function pour(socket: Socket, chunk: Buffer, times: number): Promise<void> {
  socket.on('error', () => undefined);
  for (let turn = 0; turn < times && !socket.destroyed; turn++) {
    if (!socket.write(chunk)) {
      await new Promise<void>((resolve) => {
        socket.once('drain', resolve);
        socket.once('close', () => resolve());
      });
    }
  }
  socket.destroy();
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
    socket.resume();
  });
}
