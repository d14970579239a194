import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../agent/link/certificate-request.ts';
import { createDial } from '../../agent/link/dial.ts';
import { enrol } from '../../agent/link/enrol.ts';
import { createIdentities, type Identities } from '../../agent/link/identities.ts';
import { type Identity, readIdentity, writeIdentity } from '../../agent/link/identity.ts';
import { renewIdentity } from '../../agent/link/renew.ts';
import { startRenewal } from '../../agent/link/renewal.ts';
import { type Authority, openAuthority } from '../../hub/fleet/authority.ts';
import { registerCluster, revokeCluster } from '../../hub/fleet/clusters.ts';
import { renew } from '../../hub/fleet/renew.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { type GrpcTransport, openGrpc } from './link/transports.ts';
import { bundleOf, createAgent, createWorld, healthyStatus, log, type World } from './link/world.ts';

const day = 24 * 60 * 60_000;
const never = new AbortController().signal;
let world: World;
let hub: GrpcTransport;
let number = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterEach(() => hub.close());
afterAll(() => world.stop());

const address = () => ({ host: '127.0.0.1', port: hub.port() });
const register = async (replace = false) => {
  const cluster = replace ? `r-${number}` : `r-${++number}`;
  const { token } = await registerCluster(hub.fleet, { name: cluster, actor: 'test', replace });
  return { cluster, token };
};
const certificatesOf = (cluster: string) =>
  world.db.selectFrom('certificates').selectAll().where('cluster', '=', cluster).orderBy('issued_at').execute();
const serialOf = (identity: Pick<Identity, 'certificate'>) =>
  new X509Certificate(identity.certificate).serialNumber.toLowerCase();

/** The identity of a cluster whose certificate ran out so long ago. */
async function expired(cluster: string, token: string, ago: number, signer?: Authority): Promise<Identity> {
  const identity = await enrol(address(), token, '1', never);
  const authority = signer ?? (await openAuthority(hub.directory, () => Date.now() - ago - day, day));
  const { key, request } = createKey();
  const { certificate, serial, expiresAt } = await authority.sign(request, cluster);
  await world.db.insertInto('certificates').values({ serial, cluster, expires_at: expiresAt }).execute();
  return { ...identity, key, certificate };
}

describe('a certificate', () => {
  it('[T2] is renewed in time, again and again, and the link never drops', async () => {
    hub = await openGrpc(world, { lifetime: 6_000 });
    const { cluster, token } = await register();
    let identities: Identities | null = null;
    const agent = await createAgent((state) => {
      identities = createIdentities({ state, address: address(), joinToken: token, version: '1', log, now: Date.now });
      return createDial({ address: address(), identities });
    });
    if (identities === null) throw new Error('it was not asked to dial');
    const { link } = agent;
    const renewal = startRenewal({ identities, renewed: link.handOver, log, now: Date.now, random: Math.random });
    await until(() => link.connection().state === 'connected', { what: 'it is connected' });

    let absent = 0;
    const watching = setInterval(() => {
      if (!hub.connected().includes(cluster) || link.connection().state !== 'connected') absent += 1;
    }, 5);
    for (const content of ['one', 'two', 'three', 'four', 'five', 'six']) {
      const bundle = bundleOf('shop', content);
      await world.assign('shop', [cluster], bundle);
      await until(() => agent.runs(bundle), { what: `it has ${content}` });
      link.reporter.status(healthyStatus(agent.assignment('shop')));
      const stored = async () => (await world.placement(cluster, 'shop')).running_bundle;
      await until(async () => (await stored()) === agent.assignment('shop').bundle, { what: 'it is reported' });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    clearInterval(watching);
    const certificates = await certificatesOf(cluster);
    expect(certificates.length).toBeGreaterThanOrEqual(3);
    expect(Number(certificates[0]?.expires_at)).toBeLessThan(Date.now());
    expect(absent).toBe(0);
    const events = await world.db.selectFrom('events').select('type').where('cluster', '=', cluster).execute();
    expect(events.map(({ type }) => type)).not.toContain('disconnected');
    const rows = await world.db.selectFrom('ledger').select('action').where('cluster', '=', cluster).execute();
    expect(rows.filter(({ action }) => action === 'cluster.renew')).toHaveLength(certificates.length - 1);
    renewal.stop();
    await agent.remove();
  });

  it('[T2] that ran out 89 days ago is renewed by its key, and with it comes trust in both authorities', async () => {
    hub = await openGrpc(world);
    const { cluster, token } = await register();
    const state = createMemoryState();
    const old = await expired(cluster, token, 89 * day);
    await writeIdentity(state, { ...old, authorities: [hub.authority.authorities[0]] });
    const identities = createIdentities({
      state,
      address: address(),
      joinToken: null,
      version: '1',
      log,
      now: Date.now,
    });
    const duplex = await createDial({ address: address(), identities })(never);
    duplex.destroy();
    const renewed = await readIdentity(state, log);
    expect(renewed?.authorities).toEqual(hub.authority.authorities);
    expect(renewed?.key).not.toBe(old.key);
    expect((await certificatesOf(cluster)).map(({ serial }) => serial)).toContain(serialOf(renewed ?? old));
    expect(identities.validity()?.to).toBeGreaterThan(Date.now());
  });

  it('[T2] is not renewed after 91 days, once revoked, or where the hub never gave it', async () => {
    hub = await openGrpc(world);
    const late = await register();
    const tooOld = await expired(late.cluster, late.token, 91 * day);
    await expect(renewIdentity(address(), tooOld, '1', never)).rejects.toMatchObject({
      code: 'certificate-expired',
      remedy: expect.stringContaining('--replace'),
    });

    const gone = await register();
    const revoked = await expired(gone.cluster, gone.token, day);
    await revokeCluster(hub.fleet, { name: gone.cluster, reason: null, actor: 'test' });
    await expect(renewIdentity(address(), revoked, '1', never)).rejects.toMatchObject({ code: 'cluster-revoked' });

    const folder = await mkdtemp(join(tmpdir(), 'fairway-stranger-'));
    const strangers = await openAuthority(folder, () => Date.now() - 2 * day, day);
    const robbed = await register();
    const forged = await expired(robbed.cluster, robbed.token, day, strangers);
    await expect(renewIdentity(address(), forged, '1', never)).rejects.toMatchObject({ code: 'certificate-untrusted' });
    await rm(folder, { recursive: true, force: true });

    const unknown = await register();
    const lost = await expired(unknown.cluster, unknown.token, day);
    await world.db.deleteFrom('certificates').where('serial', '=', serialOf(lost)).execute();
    await expect(renewIdentity(address(), lost, '1', never)).rejects.toMatchObject({ code: 'certificate-unknown' });
    for (const { cluster } of [late, gone, robbed]) expect((await certificatesOf(cluster)).length).toBe(2);
  });

  it('[T3] is not renewed past a revocation that comes at the same moment', async () => {
    hub = await openGrpc(world);
    const context = { db: world.db, authority: hub.authority, now: Date.now };
    for (let turn = 0; turn < 15; turn++) {
      const { cluster, token } = await register();
      const serial = serialOf(await enrol(address(), token, '1', never));
      const { request } = createKey();
      await Promise.all([
        renew(context, { serial, request, agentVersion: '1' }).catch(() => null),
        new Promise((resolve) => setTimeout(resolve, turn)).then(() => register(true)),
      ]);
      const left = (await certificatesOf(cluster)).filter(({ revoked_at }) => revoked_at === null);
      expect(left).toEqual([]);
    }
  });

  it('[T2] that the hub calls expired, whatever the own clock says, is renewed before it is used again', async () => {
    hub = await openGrpc(world);
    const { cluster, token } = await register();
    const state = createMemoryState();
    await writeIdentity(state, await expired(cluster, token, day));
    const late = () => Date.now() - 10 * day;
    const identities = createIdentities({ state, address: address(), joinToken: null, version: '1', log, now: late });
    const agent = await createAgent(() => createDial({ address: address(), identities }));
    await until(() => agent.link.connection().state === 'connected', { what: 'it is connected', within: 60_000 });
    expect((await certificatesOf(cluster)).length).toBe(3);
    await agent.remove();
  });

  it('[L4] that cannot be renewed any more ends nothing where there is something to enforce', async () => {
    hub = await openGrpc(world, { lifetime: 3_000 });
    const { cluster, token } = await register();
    const agent = await createAgent((state) => {
      const identities = createIdentities({
        state,
        address: address(),
        joinToken: token,
        version: '1',
        log,
        now: Date.now,
      });
      return createDial({ address: address(), identities });
    });
    const bundle = bundleOf('shop', 'kept');
    await world.assign('shop', [cluster], bundle);
    await until(() => agent.runs(bundle), { what: 'it has something to enforce' });
    let ended: unknown = null;
    agent.link.ended.catch((error: unknown) => {
      ended = error;
    });
    await revokeCluster(hub.fleet, { name: cluster, reason: null, actor: 'test' });
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await agent.restart();
    const waits = () => agent.link.connection();
    await until(() => waits().state === 'waiting', { what: 'it was refused' });
    expect(waits()).toMatchObject({ state: 'waiting', wait: { reason: expect.stringContaining('revoked') } });
    expect(agent.runs(bundle)).toBe(true);
    expect(ended).toBeNull();
    await agent.remove();
  });
});
