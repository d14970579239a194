import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FairwayError } from '../../core/errors.ts';
import { createToken } from '../../hub/access/tokens.ts';
import { abortPromotion, approvePromotion, overrideGate, rejectPromotion } from '../../hub/promotions/commands.ts';
import { liftHold, setHold } from '../../hub/promotions/holds.ts';
import { reportCheck } from '../../hub/promotions/report-check.ts';
import { requestPromotion } from '../../hub/promotions/request.ts';
import { rollBack } from '../../hub/promotions/roll-back.ts';
import type { Mirror, Mirrors } from '../../hub/sources/mirror.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import {
  addClusters,
  applicationFile,
  type EnvironmentRules,
  environmentFile,
  minute,
  type PromotionsWorld,
  releaseOf,
  settings,
  startMirrors,
  startPromotionsWorld,
} from './promotions-world.ts';

/** What people say of promotions, and what becomes of it. */
describe('people and promotions', () => {
  let server: GitServer;
  let database: TestDatabase;
  let world: PromotionsWorld;
  let mirrors: Mirrors;
  let worlds = 0;

  beforeAll(async () => {
    [server, mirrors] = await Promise.all([startGitServer(), startMirrors()]);
  });
  afterAll(async () => {
    await mirrors?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    database = await startTestDatabase();
    await addClusters(database, 'dev', 'staging');
    world = await startPromotionsWorld(database, await server.createRepository(`fleet-${++worlds}`), { mirrors });
  });
  afterEach(async () => {
    await world?.stop();
    await database?.stop();
  });

  const begin = async (staging: EnvironmentRules = {}, more: Record<string, string> = {}) => {
    await world.commit({
      'environments/dev.yaml': environmentFile('dev'),
      'environments/staging.yaml': environmentFile('staging', { promotion: '{from: [dev]}', ...staging }),
      'apps/shop/app.yaml': applicationFile('shop', '[dev, staging]'),
      'apps/shop/settings.yaml': settings('first'),
      ...more,
    });
    return world.toDev('second');
  };
  const lead = { actor: 'user:lead@example.com', role: 'operator', reason: 'it is on fire' };
  const asked = { environment: 'staging', applications: ['shop'], remove: false, ...lead };
  const request = async (more: object = {}) => {
    const rows = await requestPromotion(world.context, { ...asked, ...more });
    await world.run();
    return rows;
  };
  const place = { environment: 'staging', application: 'shop' };
  const handOuts = { start: async () => undefined };
  /** The newest first. */
  const inStaging = async () => (await world.promotions()).filter(({ environment }) => environment === 'staging');
  const settle = async (environment = 'staging', application = 'shop') => {
    await world.endRollout(environment, 'completed', application);
    await world.report(environment, 'healthy', application);
  };

  /** Begins anew, with something that stands before each mirror. */
  const wrapMirror = async (mirror: (mirror: Mirror) => Mirror) => {
    await world.stop();
    const fleet = await server.createRepository(`fleet-${++worlds}`);
    world = await startPromotionsWorld(database, fleet, { mirrors, mirror });
  };

  it('[P4, P7] a check is waited for, may be inconclusive, and refuses when it fails', async () => {
    const commit = await begin({ promotion: '{from: [dev], mode: auto, checks: [load]}' });
    const report = async (verdict: 'pass' | 'fail' | 'inconclusive', detail: string | null = null) => {
      const check = { release: releaseOf(commit), environment: null, name: 'load', verdict, detail, url: null };
      await reportCheck(world.context, { ...check, actor: 'token:ci' });
      await world.run();
    };
    expect(await world.latest('staging')).toMatchObject({
      origin: 'auto',
      state: 'waiting',
      waits: [{ gate: 'check' }],
    });
    await report('inconclusive', 'too few requests');
    expect((await world.latest('staging')).waits[0]?.reason).toBe(
      'check load is inconclusive (too few requests): a person decides',
    );
    await report('fail', 'p99 of 3 s');
    expect(await world.latest('staging')).toMatchObject({
      state: 'rejected',
      state_reason: 'check load failed: p99 of 3 s',
    });
    await report('pass');
    expect(await world.latest('staging')).toMatchObject({ origin: 'auto', state: 'rolling-out' });
    expect(await world.ledger('check.report')).toHaveLength(3);
  });

  it('[P4] a closed window is waited for until it opens, and opened by force by a role that it names', async () => {
    const window =
      'apiVersion: fairway.dev/v1\nkind: Window\nmetadata: {name: noon}\nspec: {type: allow, schedule: "0 12 * * *", duration: 1h, timeZone: Europe/Berlin, override: ["role:operator"]}\n';
    await begin({ promotion: '{from: [dev], windows: [noon]}' }, { 'windows/noon.yaml': window });
    const [row] = await request();
    const promotion = row?.id ?? 0;
    expect((await world.latest('staging')).waits).toEqual([
      {
        gate: 'window',
        name: 'noon',
        reason: 'window noon is closed and opens 2026-03-02 12:00 (Europe/Berlin)',
        since: Date.parse('2026-03-01T12:00:00Z'),
        deadline: Date.parse('2026-03-02T11:00:00Z'),
      },
    ]);
    const open = (role: string, reason: string | null = lead.reason) =>
      overrideGate(world.context, { promotion, actor: lead.actor, role, reason, gate: 'window' });
    await expect(open('developer')).rejects.toMatchObject({ code: 'override-forbidden', field: 'gate' });
    await expect(open('operator', ' ')).rejects.toMatchObject({ code: 'override-reason-missing', field: 'reason' });
    await open('operator');
    await open('operator');
    await world.run();
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    expect(await world.ledger('promotion.override')).toMatchObject([
      { actor: lead.actor, subject: `promotion/${promotion}`, detail: { gate: 'window', reason: 'it is on fire' } },
    ]);
    await settle();
    // The next one waits for noon, and then goes by itself.
    await world.toDev('third');
    await request();
    world.pass(60 * minute);
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ state: 'waiting' });
    world.pass(60 * minute);
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
  });

  it('[P5] a hold stands in the pin; automation respects it until it is lifted, on a hub without memory too', async () => {
    const auto = { promotion: '{from: [dev], mode: auto}' };
    const first = await begin(auto);
    await settle();
    const held = await setHold(world.context, { ...place, actor: lead.actor, reason: 'the sale' });
    await world.run();
    expect((await world.pin('staging'))?.spec).toMatchObject({
      revision: first,
      hold: { reason: 'the sale', by: lead.actor },
    });
    expect(await world.ledger('hold.set')).toMatchObject([{ actor: lead.actor, commit: held.commit }]);
    // Asking twice is asking once.
    expect(await setHold(world.context, { ...place, actor: lead.actor, reason: 'the sale' })).toEqual({ commit: null });
    const second = await world.toDev('third');
    expect(await world.latest('staging')).toMatchObject({ release: releaseOf(first), state: 'settled' });
    await liftHold(world.context, { ...place, actor: lead.actor, reason: null });
    await world.run();
    expect(await world.latest('staging')).toMatchObject({
      origin: 'auto',
      release: releaseOf(second),
      state: 'rolling-out',
    });
    await expect(liftHold(world.context, { ...place, actor: lead.actor, reason: null })).rejects.toMatchObject({
      code: 'hold-not-found',
    });
  });

  it('[R6] rolling back moves the clusters first, then the pin, and holds it', async () => {
    const first = await begin();
    await request();
    await settle();
    const second = await world.toDev('broken');
    await request();
    await settle();
    const row = await rollBack(
      { ...world.context, handOuts },
      { ...place, to: null, actor: lead.actor, reason: 'errors' },
    );
    expect(row).toMatchObject({ kind: 'rollback', state: 'rolling-out', release: releaseOf(first) });
    expect((await world.pin('staging'))?.spec.revision).toBe(second);
    await settle();
    expect((await world.pin('staging'))?.spec).toEqual({
      ...{ source: 'fleet', revision: first, promotion: String(row.id) },
      hold: { reason: 'errors', by: lead.actor },
    });
    expect(await world.latest('staging')).toMatchObject({ id: row.id, state: 'settled' });
    const message = await world.fleet.git('--git-dir', world.fleet.path, 'log', '-1', '--format=%B', 'fairway/pins');
    expect(message).toContain(`Fairway-Promotion: ${row.id}\nPromoted-by: ${lead.actor}`);
    // A hold is a gate for people too.
    await request({ release: releaseOf(second) });
    expect(await world.latest('staging')).toMatchObject({
      waits: [{ gate: 'hold', reason: `held by ${lead.actor}: errors` }],
    });
  });

  it('[R6] where the head is followed, a rollback pins what was, and lifting the hold follows the head again', async () => {
    const dev = { ...place, environment: 'dev' };
    const first = await begin();
    const second = await world.toDev('broken');
    await rollBack({ ...world.context, handOuts }, { ...dev, to: null, actor: lead.actor, reason: 'errors' });
    await settle('dev');
    expect((await world.pin('dev'))?.spec).toMatchObject({ revision: first, hold: { reason: 'errors' } });
    await world.commit({ 'apps/shop/settings.yaml': settings('fourth') });
    expect(await world.latest('dev')).toMatchObject({ kind: 'rollback', state: 'settled' });
    await liftHold(world.context, { ...dev, actor: lead.actor, reason: null });
    await world.run();
    expect(await world.pin('dev')).toBeNull();
    expect(await world.latest('dev')).toMatchObject({ origin: 'head', state: 'rolling-out' });
    expect((await world.latest('dev')).release).not.toBe(releaseOf(second));
  });

  it('[R6] a rollout that rolled back has its pin restored, with a hold', async () => {
    const first = await begin();
    await request();
    await settle();
    await world.toDev('broken');
    await request();
    await world.endRollout('staging', 'rolled-back', 'shop', { by: 'hub', reason: '1 cluster failed' });
    expect((await world.pin('staging'))?.spec).toMatchObject({
      ...{ revision: first, hold: { by: 'hub', reason: '1 cluster failed' } },
    });
    const [back, broken] = (await world.promotions()).filter(({ environment }) => environment === 'staging');
    expect(back).toMatchObject({ kind: 'rollback', origin: 'rollback', state: 'settled' });
    expect(broken).toMatchObject({ state: 'rolled-back' });
  });

  it('[R6, P5] a rollout that rolled back has its pin restored, though automation has a newer release waiting', async () => {
    const first = await begin({ promotion: '{from: [dev], mode: auto}' });
    await settle();
    await world.toDev('broken');
    const next = await world.toDev('next');
    expect(await world.latest('staging')).toMatchObject({ release: releaseOf(next), waits: [{ gate: 'rollout' }] });
    await world.endRollout('staging', 'rolled-back', 'shop', { by: 'hub', reason: '1 cluster failed' });
    expect((await world.pin('staging'))?.spec).toMatchObject({ revision: first, hold: { by: 'hub' } });
    expect(await inStaging()).toMatchObject([
      { kind: 'rollback', state: 'settled' },
      { release: releaseOf(next), state: 'superseded', state_reason: 'the environment was rolled back' },
      { state: 'rolled-back' },
      { state: 'settled' },
    ]);
    // Nothing is lost: once somebody lifts the hold, it goes.
    await liftHold(world.context, { ...place, actor: lead.actor, reason: null });
    await world.run();
    expect(await world.latest('staging')).toMatchObject({
      origin: 'auto',
      release: releaseOf(next),
      state: 'rolling-out',
    });
  });

  it('[R6] a rollout that rolled back has its pin restored, though a later promotion was given up meanwhile', async () => {
    const first = await begin();
    await request();
    await settle();
    await world.toDev('broken');
    await request();
    const next = await world.commit({ 'apps/shop/settings.yaml': settings('next') });
    const [fix] = await request({ release: releaseOf(next) });
    await abortPromotion(world.context, { promotion: fix?.id ?? 0, ...lead });
    await world.endRollout('staging', 'rolled-back', 'shop', { by: 'hub', reason: '1 cluster failed' });
    expect((await world.pin('staging'))?.spec).toMatchObject({ revision: first, hold: { by: 'hub' } });
  });

  it('[R6, P5] a person who takes a rollout back is who holds the pin, for their reason', async () => {
    const first = await begin();
    await request();
    await settle();
    await world.toDev('broken');
    await request();
    const hub = { ...world.context, handOuts };
    await rollBack(hub, { ...place, to: null, actor: lead.actor, reason: 'errors since noon' });
    expect(
      await world.context.db.selectFrom('rollouts').select('state').where('ended_at', 'is', null).execute(),
    ).toEqual([{ state: 'rolling-back' }]);
    await world.endRollout('staging', 'rolled-back');
    const hold = { reason: 'errors since noon', by: lead.actor };
    expect((await world.pin('staging'))?.spec).toMatchObject({ revision: first, hold });
    const message = await world.fleet.git('--git-dir', world.fleet.path, 'log', '-1', '--format=%B', 'fairway/pins');
    expect(message).toContain('errors since noon');
    expect(message).toContain(`Promoted-by: ${lead.actor}`);
  });

  it.each(['manual', 'auto'])('[R6, P5] a rollback wins over a commit that is on its way, in mode %s', async (mode) => {
    let pushed = async () => undefined as unknown;
    await wrapMirror((mirror) => ({
      ...mirror,
      push: async (...all) => {
        const result = await mirror.push(...all);
        await pushed();
        return result;
      },
    }));
    const promote = () => (mode === 'manual' ? request() : []);
    const first = await begin({ promotion: `{from: [dev], mode: ${mode}}` });
    await promote();
    await settle();
    await world.toDev('third');
    await promote();
    await settle();
    pushed = async () => {
      pushed = async () => undefined;
      await rollBack({ ...world.context, handOuts }, { ...place, to: null, actor: lead.actor, reason: 'errors' });
    };
    const fourth = await world.toDev('fourth');
    await promote();
    expect((await world.pin('staging'))?.spec.revision).toBe(fourth);
    await settle();
    const hold = { reason: 'errors', by: lead.actor };
    expect((await world.pin('staging'))?.spec).toMatchObject({ revision: first, hold });
    const [latest, ...before] = await inStaging();
    expect(latest).toMatchObject({ kind: 'rollback', state: 'settled', release: releaseOf(first) });
    // Nothing of the fourth has rolled out, and automation leaves what is held.
    const ofFourth = before.filter(({ release }) => release === releaseOf(fourth));
    expect(new Set(ofFourth.map(({ rollout }) => rollout))).toEqual(new Set([null]));
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ id: latest?.id });
  });

  it('[R2, P5] a hold where the head is followed undoes nothing that rolls out', async () => {
    let pushing = async () => undefined as unknown;
    await wrapMirror((mirror) => ({
      ...mirror,
      push: async (...all) => {
        await pushing();
        return mirror.push(...all);
      },
    }));
    const dev = { ...place, environment: 'dev', actor: lead.actor };
    await begin();
    const third = await world.commit({ 'apps/shop/settings.yaml': settings('third') });
    const rolling = { release: releaseOf(third), origin: 'head', state: 'rolling-out' };
    const { id } = await world.latest('dev');
    expect(await world.latest('dev')).toMatchObject(rolling);
    await setHold(world.context, { ...dev, reason: 'the sale' });
    await world.run();
    const hold = { reason: 'the sale', by: lead.actor };
    expect((await world.pin('dev'))?.spec).toEqual({ source: 'fleet', revision: third, promotion: String(id), hold });
    expect(await world.latest('dev')).toMatchObject({ id, ...rolling });
    await settle('dev');
    expect(await world.latest('dev')).toMatchObject({ id, state: 'settled' });
    await liftHold(world.context, { ...dev, reason: null });
    await world.run();

    // A rollout that begins just before Git takes the hold goes on too.
    pushing = async () => {
      pushing = async () => undefined;
      await world.commit({ 'apps/shop/settings.yaml': settings('fourth') });
    };
    await setHold(world.context, { ...dev, reason: 'the sale' });
    const before = await world.latest('dev');
    await world.run();
    expect((await world.pin('dev'))?.spec).toMatchObject({ revision: third, hold });
    const inDev = (await world.promotions()).filter(({ environment }) => environment === 'dev');
    expect(inDev.filter(({ state }) => state === 'rolling-out')).toMatchObject([{ id: before.id }]);
    expect(before.id).toBeGreaterThan(id);
  });

  it('[P5] a hold needs something to hold: not what is being taken away', async () => {
    await begin();
    await expect(setHold(world.context, { ...place, actor: lead.actor, reason: 'x' })).rejects.toMatchObject({
      code: 'hold-nothing-settled',
    });
    await request();
    await settle();
    await request({ remove: true });
    await expect(setHold(world.context, { ...place, actor: lead.actor, reason: 'x' })).rejects.toMatchObject({
      ...{ code: 'hold-removal-under-way', field: 'application' },
    });
  });

  it('[P5] a hold that a person sets while a commit is on its way stands, and the promotion waits at it', async () => {
    let isAway = false;
    await wrapMirror((mirror) => ({
      ...mirror,
      push: (...all) => {
        if (isAway) throw new FairwayError('git-unreachable', 'away', { retry: 'again' });
        return mirror.push(...all);
      },
    }));
    await begin({ promotion: '{from: [dev], mode: auto}' });
    await settle();
    isAway = true;
    await expect(world.toDev('third')).rejects.toMatchObject({ code: 'git-unreachable' });
    const { id } = await world.latest('staging');
    expect(await world.latest('staging')).toMatchObject({ origin: 'auto', state: 'pinning' });
    const text = `${(await world.pin('staging'))?.text}\n  hold: {reason: the sale, by: "user:lead@example.com"}\n`;
    await world.commitPins({ 'pins/staging/shop.yaml': text });
    isAway = false;
    await world.run('shop');
    const waits = [{ gate: 'hold', reason: 'held by user:lead@example.com: the sale' }];
    expect(await world.latest('staging')).toMatchObject({ id, state: 'waiting', waits });
    expect((await world.pin('staging'))?.spec).toMatchObject({ hold: { reason: 'the sale' } });
    await liftHold(world.context, { ...place, actor: lead.actor, reason: null });
    await world.run();
    expect(await world.latest('staging')).toMatchObject({ id, state: 'rolling-out' });
  });

  it('[G9] taking away is a promotion: the pin goes, and what is left rolls out as nothing', async () => {
    await begin();
    await request();
    await settle();
    const [row] = await request({ remove: true });
    expect(await world.latest('staging')).toMatchObject({ id: row?.id, kind: 'removal', state: 'rolling-out' });
    expect(await world.pin('staging')).toBeNull();
    await world.endRollout('staging', 'completed');
    expect(await world.latest('staging')).toMatchObject({ kind: 'removal', state: 'settled' });
    await world.run('shop');
    expect((await world.promotions()).filter(({ environment }) => environment === 'staging')).toHaveLength(2);
    await expect(request({ remove: true })).rejects.toMatchObject({ code: 'removal-nothing-there' });
    await expect(request({ environment: 'dev', remove: true })).rejects.toMatchObject({
      code: 'environment-follows-head',
    });
  });

  it('[G1, G9] a cluster that leaves takes nothing from the others, whose pin names the application', async () => {
    const rules = { promotion: '{from: [dev], removal: auto}' };
    await begin(rules);
    const [row] = await request();
    await settle();
    await world.commit({ 'apps/shop/app.yaml': applicationFile('shop', '[dev]') });
    const placements = database.db.updateTable('placements').set({ state: 'leaving' });
    await placements.where('cluster', '=', 'staging-1').execute();
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ id: row?.id, state: 'settled' });
    // Once nothing says any more that it is for the environment, it is taken away.
    await world.commitPins({ 'pins/staging/shop.yaml': null });
    expect(await world.latest('staging')).toMatchObject({ kind: 'removal', origin: 'auto', state: 'rolling-out' });
  });

  it('[G10, R12] several applications are one commit, and roll out in the order of what they depend on', async () => {
    await begin(
      { promotion: '{from: [dev], checks: [load]}' },
      {
        'apps/shop/app.yaml': applicationFile('shop', '[dev, staging]', ', dependsOn: [database]'),
        'apps/database/app.yaml': applicationFile('database', '[dev, staging]'),
        'apps/database/settings.yaml': settings('data', 'data'),
      },
    );
    await settle('dev', 'database');
    const both = ['shop', 'database'];
    const rows = await request({ applications: both });
    expect(new Set(rows.map(({ promotion_set }) => promotion_set)).size).toBe(1);
    const pass = async (application: string) => {
      const { release } = await world.latest('staging', application);
      const check = {
        release: release ?? '',
        environment: 'staging',
        name: 'load',
        verdict: 'pass',
        detail: null,
      } as const;
      await reportCheck(world.context, { ...check, url: null, actor: 'token:ci' });
      await world.run();
    };
    await pass('shop');
    expect(await world.latest('staging', 'shop')).toMatchObject({
      state: 'waiting',
      waits: [{ gate: 'set', name: 'database' }],
    });
    await pass('database');
    const [shop, data] = [await world.latest('staging', 'shop'), await world.latest('staging', 'database')];
    expect(shop.pin_commit).toBe(data.pin_commit);
    expect(shop).toMatchObject({ state: 'pinned', waits: [{ gate: 'dependency', name: 'database' }] });
    expect(data).toMatchObject({ state: 'rolling-out' });
    await settle('staging', 'database');
    expect(await world.latest('staging', 'shop')).toMatchObject({ state: 'rolling-out' });
  });

  it('[G10] of several, none goes once one is given up while their commit is on its way', async () => {
    let isAway = false;
    await wrapMirror((mirror) => ({
      ...mirror,
      push: (...all) => {
        if (isAway) throw new FairwayError('git-unreachable', 'away', { retry: 'again' });
        return mirror.push(...all);
      },
    }));
    await begin(
      {},
      {
        'apps/database/app.yaml': applicationFile('database', '[dev, staging]'),
        'apps/database/settings.yaml': settings('data', 'data'),
      },
    );
    await settle('dev', 'database');
    isAway = true;
    const asking = request({ applications: ['shop', 'database'] });
    await expect(asking).rejects.toMatchObject({ code: 'git-unreachable' });
    expect(await inStaging()).toMatchObject([{ state: 'pinning' }, { state: 'pinning' }]);
    const { id: promotion } = await world.latest('staging', 'database');
    await abortPromotion(world.context, { promotion, ...lead });
    isAway = false;
    await world.run('shop', 'database');
    expect(await inStaging()).toMatchObject([{ state: 'aborted' }, { state: 'aborted' }]);
    expect([await world.pin('staging'), await world.pin('staging', 'database')]).toEqual([null, null]);
  });

  it('[R12] one that depends on what is not placed there starts nothing, and says on which clusters', async () => {
    await begin(
      {},
      {
        'apps/shop/app.yaml': applicationFile('shop', '[dev, staging]', ', dependsOn: [database]'),
        'apps/database/app.yaml': applicationFile('database', '[dev, staging]'),
        'apps/database/settings.yaml': settings('data', 'data'),
      },
    );
    await settle('dev', 'database');
    await request();
    expect(await world.latest('staging')).toMatchObject({
      ...{ state: 'waiting', rollout: null },
      waits: [
        {
          ...{ gate: 'dependency', name: 'database' },
          reason: 'shop depends on database, which is not placed on 2 clusters of staging: staging-1, staging-2',
        },
      ],
    });
    await request({ applications: ['database'] });
    await world.database.db
      .updateTable('clusters')
      .set({ cordoned_at: new Date(world.now()) })
      .where('name', '=', 'staging-2')
      .execute();
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({
      waits: [{ reason: expect.stringMatching(/1 cluster of staging: staging-1$/) }],
    });
    await settle('staging', 'database');
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
  });

  it('[P3, P6] one that is given up while its commit is on its way rolls out nothing', async () => {
    let pushed = async () => undefined as unknown;
    await wrapMirror((mirror) => ({
      ...mirror,
      push: async (...all) => {
        const result = await mirror.push(...all);
        await pushed();
        return result;
      },
    }));
    const commit = await begin();
    pushed = async () => {
      const { id: promotion, state } = await world.latest('staging');
      expect(state).toBe('pinning');
      await abortPromotion(world.context, { promotion, ...lead });
    };
    const [row] = await request();
    expect((await world.pin('staging'))?.spec).toMatchObject({ revision: commit, promotion: String(row?.id) });
    const staging = (await world.promotions()).filter(({ environment }) => environment === 'staging');
    expect(staging).toMatchObject([{ id: row?.id, state: 'aborted', rollout: null }]);
    const problems = await world.database.db.selectFrom('problems').select('code').execute();
    expect(problems).toContainEqual({ code: 'pin-not-in-force' });
    pushed = async () => undefined;
    await request();
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
  });

  it('[G10] what was on its way to an environment that is taken away ends', async () => {
    await begin();
    await request();
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    await world.commit({ 'environments/staging.yaml': null });
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({
      ...{ state: 'aborted', state_reason: 'environment staging is declared no more' },
    });
  });

  it('[P3] a promotion is refused or given up by a person, and what is asked for anew replaces what waits', async () => {
    const commit = await begin({ promotion: '{from: [dev], mode: auto, approvals: {required: 1}}' });
    const { id } = await world.latest('staging');
    const bob = { promotion: id, actor: 'user:bob@example.com', role: 'approver', reason: 'not on a Friday' };
    await rejectPromotion(world.context, bob);
    await rejectPromotion(world.context, bob);
    await world.run();
    // Automation does not ask again for what a person refused.
    expect(await world.latest('staging')).toMatchObject({ id, state: 'rejected', state_reason: 'not on a Friday' });
    await expect(approvePromotion(world.context, { ...bob, plan: null })).rejects.toMatchObject({
      code: 'promotion-ended',
    });

    const [first] = await request();
    const [same] = await request();
    expect(same?.id).toBe(first?.id);
    const next = await world.toDev('third');
    const [second] = await request({ release: releaseOf(next) });
    const states = new Map((await world.promotions()).map((row) => [row.id, row.state]));
    expect([states.get(first?.id ?? 0), states.get(second?.id ?? 0)]).toEqual(['superseded', 'waiting']);
    const abort = { promotion: second?.id ?? 0, ...lead };
    await abortPromotion(world.context, abort);
    await abortPromotion(world.context, abort);
    expect(await world.latest('staging')).toMatchObject({ id: second?.id, state: 'aborted' });
    expect(await world.ledger('promotion.abort')).toHaveLength(1);
    expect(await world.pin('staging')).toBeNull();
    expect(commit).not.toBe(next);
  });

  it('[G2, D5] a commit that is no release yet becomes one when it is to be promoted', async () => {
    await begin();
    const fix = await world.fleet.commit({ 'apps/shop/settings.yaml': settings('fix') }, 'A fix', 'main');
    await world.fleet.git('push', '--quiet', 'origin', `${fix}:refs/heads/hotfix/one`);
    await request({ revision: fix, override: ['eligibility'] });
    expect(await world.latest('staging')).toMatchObject({ release: releaseOf(fix), state: 'rolling-out' });
  });

  it('[X4] refuses what cannot be, naming the field, and changes nothing', async () => {
    await begin();
    const before = await world.promotions();
    const refused: readonly [object, string, string][] = [
      [{ environment: 'moon' }, 'environment-not-found', 'environment'],
      [{ applications: ['nothing'] }, 'application-not-found', 'applications'],
      [{ applications: [] }, 'promotion-ambiguous', 'applications'],
      [{ release: 'shop@0' }, 'release-not-found', 'release'],
      [{ revision: 'abc' }, 'revision-invalid', 'revision'],
      [{ release: 'shop@0', revision: 'a'.repeat(40) }, 'promotion-ambiguous', 'revision'],
      [{ environment: 'dev' }, 'environment-follows-head', 'environment'],
      [{ override: ['soak'], reason: null }, 'override-reason-missing', 'reason'],
      [{ override: ['plan'] }, 'gate-unknown', 'gate'],
    ];
    for (const [more, code, field] of refused) await expect(request(more)).rejects.toMatchObject({ code, field });
    expect(await world.promotions()).toEqual(before);
  });

  it('[P3] a token is its bearer: it does not approve what they asked for or wrote', async () => {
    await begin({ promotion: '{from: [dev], approvals: {required: 1}}' });
    const administrator = { actor: 'hub', role: 'admin', scope: { environments: ['*'], tenants: ['*'] } } as const;
    for (const name of ['ada', 'bob']) {
      const token = {
        name,
        role: 'approver',
        scope: administrator.scope,
        expiresAt: null,
        email: `${name}@Example.com`,
      } as const;
      await createToken(database.db, administrator, token);
    }
    const [row] = await request({ actor: 'user:dana@example.com' });
    const approve = (name: string) =>
      approvePromotion(world.context, {
        promotion: row?.id ?? 0,
        actor: `token:${name}`,
        role: 'approver',
        reason: null,
        plan: null,
      });
    // Ada writes all commits here.
    await expect(approve('ada')).rejects.toMatchObject({ code: 'approval-own-commits' });
    await approve('bob');
    await world.run();
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
  });
});
