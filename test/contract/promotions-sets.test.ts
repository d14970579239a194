import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvePromotion } from '../../hub/promotions/commands.ts';
import { reportCheck } from '../../hub/promotions/report-check.ts';
import { requestPromotion } from '../../hub/promotions/request.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import {
  addClusters,
  applicationFile,
  environmentFile,
  type PromotionsWorld,
  pinFile,
  protects,
  settings,
  startMirrors,
  startPromotionsWorld,
} from './promotions-world.ts';

/** Several that are promoted in one commit. */
describe('promotions that go together', () => {
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

  const begin = async (promotion = '{from: [dev], checks: [load]}') => {
    await world.commit({
      'environments/dev.yaml': environmentFile('dev'),
      'environments/staging.yaml': environmentFile('staging', { promotion }),
      'apps/shop/app.yaml': applicationFile('shop', '[dev, staging]'),
      'apps/shop/settings.yaml': settings('first'),
      ...Object.fromEntries(
        ['cache', 'database'].flatMap((name) => [
          [`apps/${name}/app.yaml`, applicationFile(name, '[dev, staging]')],
          [`apps/${name}/settings.yaml`, settings(name, name)],
        ]),
      ),
    });
    for (const name of ['cache', 'database']) await settle('dev', name);
    return world.toDev('second');
  };
  const lead = { actor: 'user:lead@example.com', role: 'operator', reason: 'it is on fire' };
  const request = async (more: object = {}) => {
    const asked = { environment: 'staging', applications: ['shop'], remove: false, ...lead, ...more };
    const rows = await requestPromotion(world.context, asked);
    await world.run();
    return rows;
  };
  const both = { applications: ['shop', 'database'] };
  const settle = async (environment: string, application: string) => {
    await world.endRollout(environment, 'completed', application);
    await world.report(environment, 'healthy', application);
  };
  const pass = async (application: string) => {
    const { release } = await world.latest('staging', application);
    const check = { release: release ?? '', environment: 'staging', name: 'load', verdict: 'pass' } as const;
    await reportCheck(world.context, { ...check, detail: null, url: null, actor: 'token:ci' });
    await world.run();
  };
  const rollouts = () =>
    database.db
      .selectFrom('rollouts')
      .select(['application', 'kind', 'state'])
      .where('environment', '=', 'staging')
      .orderBy('id')
      .execute();

  it('[G10, R2] do not call back one whose pin a person wrote, and which rolls out', async () => {
    const commit = await begin();
    await world.commitPins({ 'pins/staging/shop.yaml': pinFile('staging', commit) }, 'erin@example.com');
    const [shop] = await request(both);
    expect(shop).toMatchObject({ origin: 'pin', state: 'waiting' });
    await pass('database');
    expect(await world.latest('staging', 'database')).toMatchObject({ waits: [{ gate: 'set', name: 'shop' }] });
    await pass('shop');
    await world.run('shop', 'database');
    const rolling = { kind: 'release', state: 'running' };
    expect(await rollouts()).toEqual([
      { application: 'shop', ...rolling },
      { application: 'database', ...rolling },
    ]);
    expect((await world.pin('staging', 'database'))?.spec.promotion).toBeDefined();
  });

  it('[G10, G9] take away each once, also one that has no pin any more', async () => {
    await begin('{from: [dev], approvals: {required: 1}}');
    const approve = async (promotion = 0) => {
      const bob = { actor: 'user:bob@example.com', role: 'approver', reason: null, plan: null };
      await approvePromotion(world.context, { ...bob, promotion });
      await world.run();
    };
    for (const { id } of await request(both)) await approve(id);
    for (const application of both.applications) await settle('staging', application);
    await world.commitPins({ 'pins/staging/shop.yaml': null });
    const [shop, data] = await request({ ...both, remove: true });
    await approve(data?.id);
    await approve(shop?.id);
    await world.run('shop', 'database');
    const removals = (await rollouts()).filter(({ kind }) => kind === 'removal');
    expect(removals.map(({ application }) => application).sort()).toEqual(['database', 'shop']);
    expect(await world.pin('staging', 'database')).toBeNull();
  });

  it('[G10] are not joined by one that is on its way to its pin already', async () => {
    let protectedBranch = false;
    const fleet = await server.createRepository(`fleet-${++worlds}`);
    await world.stop();
    world = await startPromotionsWorld(database, fleet, {
      mirrors,
      mirror: protects(() => protectedBranch),
    });
    await begin();
    protectedBranch = true;
    const [shop] = await request();
    await pass('shop');
    expect(await world.latest('staging')).toMatchObject({ state: 'pinning', waits: [{ gate: 'push' }] });
    await expect(request(both)).rejects.toMatchObject({ code: 'promotion-under-way' });
    expect(await world.latest('staging')).toMatchObject({ id: shop?.id, promotion_set: null });
    // Alone, asking again is asking once.
    expect(await request()).toMatchObject([{ id: shop?.id, state: 'pinning' }]);
  });

  it('[G10] stay together whoever asks for one of them again', async () => {
    await begin();
    const [shop, data] = await request(both);
    await expect(request({ applications: ['database', 'cache'] })).rejects.toMatchObject({
      code: 'promotion-in-set',
      field: 'applications',
      message: `Promotion ${data?.id} of database goes in one commit with shop.`,
    });
    expect(await request({ applications: ['database'] })).toMatchObject([{ id: data?.id }]);
    await pass('shop');
    expect(await world.latest('staging', 'shop')).toMatchObject({ waits: [{ gate: 'set', name: 'database' }] });

    const all = await request({ applications: ['cache', 'database', 'shop'] });
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([shop?.id, data?.id]));
    expect(new Set(all.map(({ promotion_set }) => promotion_set)).size).toBe(1);
    await pass('database');
    expect(await world.latest('staging', 'database')).toMatchObject({ waits: [{ gate: 'set', name: 'cache' }] });
    await pass('cache');
    const commits = await Promise.all(
      ['shop', 'database', 'cache'].map((application) => world.latest('staging', application)),
    );
    expect(new Set(commits.map(({ pin_commit, state }) => `${state} ${pin_commit}`)).size).toBe(1);
  });

  it('[G10, P4] do not go once one of them may not any more, though nobody has looked at that one since', async () => {
    await begin();
    await request(both);
    await pass('database');
    const { release } = await world.latest('staging', 'database');
    expect(await world.latest('staging', 'database')).toMatchObject({ waits: [{ gate: 'set', name: 'shop' }] });
    const verdict = { name: 'load', verdict: 'inconclusive', reported_by: 'token:ci' } as const;
    await database.db
      .insertInto('checks')
      .values({ ...verdict, release: release ?? '' })
      .execute();
    await pass('shop');
    expect(await world.latest('staging', 'database')).toMatchObject({ state: 'waiting', waits: [{ gate: 'check' }] });
    expect(await world.latest('staging', 'shop')).toMatchObject({
      state: 'waiting',
      waits: [{ gate: 'set', name: 'database' }],
    });
    expect(await world.pin('staging', 'shop')).toBeNull();
    await pass('database');
    expect((await rollouts()).map(({ application }) => application).sort()).toEqual(['database', 'shop']);
  });
});
