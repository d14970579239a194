import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { abortPromotion, approvePromotion, overrideGate, rejectPromotion } from '../../hub/promotions/commands.ts';
import { requestPromotion } from '../../hub/promotions/request.ts';
import { rollBack } from '../../hub/promotions/roll-back.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import {
  addClusters,
  applicationFile,
  environmentFile,
  minute,
  type PromotionsWorld,
  protects,
  releaseOf,
  settings,
  startMirrors,
  startPromotionsWorld,
} from './promotions-world.ts';

/** What keeps a promotion from going, whatever was said or done before. */
describe('the gates of a promotion', () => {
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

  const begin = async (promotion = '{from: [dev]}', more: Record<string, string> = {}) => {
    await world.commit({
      'environments/dev.yaml': environmentFile('dev'),
      'environments/staging.yaml': environmentFile('staging', { promotion }),
      'apps/shop/app.yaml': applicationFile('shop', '[dev, staging]'),
      'apps/shop/settings.yaml': settings('first'),
      ...more,
    });
    return world.toDev('second');
  };
  const lead = { actor: 'user:lead@example.com', role: 'operator', reason: 'it is on fire' };
  const request = async (more: object = {}) => {
    const asked = { environment: 'staging', applications: ['shop'], remove: false, ...lead, ...more };
    const [row] = await requestPromotion(world.context, asked);
    await world.run();
    return row?.id ?? 0;
  };
  const approve = async (promotion: number, actor = 'user:bob@example.com') => {
    await approvePromotion(world.context, { promotion, actor, role: 'approver', reason: null, plan: null });
    await world.run();
  };

  describe('windows', () => {
    const freeze = (name: string, hour: number, role: string) =>
      `apiVersion: fairway.dev/v1\nkind: Window\nmetadata: {name: ${name}}\nspec: {type: freeze, schedule: "0 ${hour} * * *", duration: 10h, timeZone: UTC, override: ["role:${role}"]}\n`;
    const windows = {
      'windows/fair.yaml': freeze('fair', 10, 'operator'),
      'windows/sale.yaml': freeze('sale', 12, 'admin'),
    };
    const open = (promotion: number, role: string) =>
      overrideGate(world.context, { ...lead, promotion, role, gate: 'window' });
    const waits = async () => (await world.latest('staging')).waits.map(({ gate, name }) => [gate, name]);

    it('[P4] are opened by force while they are closed, and none that closes later', async () => {
      await begin('{from: [dev], approvals: {required: 1}, windows: [fair, sale]}', windows);
      const promotion = await request();
      await expect(open(promotion, 'admin')).rejects.toMatchObject({ code: 'override-pointless', field: 'gate' });
      await expect(request({ override: ['window'] })).rejects.toMatchObject({ code: 'override-pointless' });

      world.pass(90 * minute);
      await world.run('shop');
      expect(await waits()).toEqual([
        ['approval', null],
        ['window', 'fair'],
      ]);
      await open(promotion, 'operator');
      await open(promotion, 'operator');
      await world.run();
      expect(await waits()).toEqual([['approval', null]]);
      expect(await world.ledger('promotion.override')).toMatchObject([
        { detail: { gate: 'window', windows: ['fair'] } },
      ]);

      world.pass(120 * minute);
      await approve(promotion);
      expect(await waits()).toEqual([['window', 'sale']]);
      await expect(open(promotion, 'operator')).rejects.toMatchObject({ code: 'override-forbidden' });
      await open(promotion, 'admin');
      await world.run();
      expect(await world.latest('staging')).toMatchObject({ id: promotion, state: 'rolling-out' });
      const opened = await database.db.selectFrom('overrides').select(['gate', 'name']).orderBy('at').execute();
      expect(opened).toEqual([
        { gate: 'window', name: 'fair' },
        { gate: 'window', name: 'sale' },
      ]);
    });

    it('[P4] that are closed are opened together with the request, by a role that each of them names', async () => {
      await begin('{from: [dev], windows: [fair, sale]}', windows);
      world.pass(240 * minute);
      await expect(request({ override: ['window'] })).rejects.toMatchObject({ code: 'override-forbidden' });
      expect((await world.promotions()).filter(({ environment }) => environment === 'staging')).toEqual([]);
      await request({ override: ['window'], role: 'admin' });
      expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    });
  });

  describe('the soak', () => {
    /** The agents of dev, or one of them, are there, or have not been heard of since a moment. */
    const hear = (connected: boolean, name = 'dev-%') =>
      database.db
        .updateTable('clusters')
        .set({ connected, last_seen_at: new Date(world.now()) })
        .where('name', 'like', name)
        .execute();
    const states = async () => {
      await world.run('shop');
      const { state, waits } = await world.latest('staging');
      return [state, ...waits.map(({ gate }) => gate)];
    };

    it('[P1] is not proven by clusters that nobody hears of', async () => {
      await begin('{from: [dev], soak: 30m}');
      await request();
      world.pass(10 * minute);
      expect(await states()).toEqual(['waiting', 'soak']);
      await hear(false, 'dev-1');
      // So long may an agent be away for its own restart, or the hub's.
      world.pass(minute);
      expect(await states()).toEqual(['waiting', 'soak']);
      world.pass(30 * minute);
      expect(await states()).toEqual(['waiting', 'eligibility']);
      await hear(true);
      expect(await states()).toEqual(['waiting', 'soak']);
      world.pass(29 * minute);
      expect(await states()).toEqual(['waiting', 'soak']);
      world.pass(minute);
      expect(await states()).toEqual(['rolling-out']);
    });

    it('[P1] counts up to when a cluster was last heard of', async () => {
      await begin('{from: [dev], soak: 30m}');
      await request();
      world.pass(30 * minute);
      await hear(false);
      world.pass(5 * minute);
      expect(await states()).toEqual(['waiting', 'eligibility']);
      await hear(true);
      expect(await states()).toEqual(['rolling-out']);
    });
  });

  describe('what went before', () => {
    let protectedBranch = false;
    let fleet: TestRepository;
    const begun = async (promotion?: string) => {
      protectedBranch = false;
      fleet = await server.createRepository(`fleet-${++worlds}`);
      await world.stop();
      world = await startPromotionsWorld(database, fleet, { mirrors, mirror: protects(() => protectedBranch) });
      return begin(promotion);
    };
    const merge = async (promotion: number) => {
      const git = ['--git-dir', fleet.path, 'update-ref', 'refs/heads/fairway/pins'];
      await fleet.git(...git, `refs/heads/fairway/promotion-${promotion}`);
      await world.see();
    };
    const abort = async (promotion: number) => {
      await abortPromotion(world.context, { promotion, ...lead });
      await world.run();
    };
    const settle = async () => {
      await world.endRollout('staging', 'completed');
      await world.report('staging', 'healthy');
    };
    const inStaging = async () => (await world.promotions()).filter(({ environment }) => environment === 'staging');
    const many = 11;

    it('[P3, P6] that was given up rolls out nothing, however much later its commit is merged', async () => {
      await begun();
      protectedBranch = true;
      const first = await request();
      await abort(first);
      for (let count = 0; count < many; count++) await abort(await request());
      await merge(first);
      const all = await inStaging();
      expect(all).toHaveLength(1 + many);
      expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['aborted']));
      const problems = await database.db.selectFrom('problems').select(['code', 'message']).execute();
      expect(problems).toEqual([
        { code: 'pin-not-in-force', message: expect.stringContaining(`promotion ${first} is aborted`) },
      ]);
    });

    it('[P3, R6] that a rollback replaced rolls out nothing when its commit is merged', async () => {
      await begun('{from: [dev], approvals: {required: 1}}');
      const go = async () => {
        const promotion = await request();
        await approve(promotion);
        return promotion;
      };
      for (const text of ['third', 'fourth']) {
        await go();
        await settle();
        await world.toDev(text);
      }
      protectedBranch = true;
      const replaced = await go();
      const handOuts = { start: async () => undefined };
      const back = { environment: 'staging', application: 'shop', to: null, actor: lead.actor, reason: 'errors' };
      await rollBack({ ...world.context, handOuts }, back);
      await merge(replaced);
      await world.endRollout('staging', 'completed');
      expect((await inStaging()).map(({ kind, state }) => [kind, state]).slice(0, 2)).toEqual([
        ['rollback', expect.stringMatching(/^(pinning|settled|superseded)$/)],
        ['release', 'superseded'],
      ]);
      expect(await database.db.selectFrom('rollouts').select('id').where('promotion', '=', replaced).execute()).toEqual(
        [],
      );
    });

    it('[P5] is not tried again by itself where a person refused it or gave it up, however much happened since', async () => {
      const second = await begun('{from: [dev], mode: auto, approvals: {required: 1}}');
      const first = await database.db.selectFrom('releases').select('id').orderBy('sequence').executeTakeFirstOrThrow();
      const waiting = await world.latest('staging');
      expect(waiting).toMatchObject({ origin: 'auto', state: 'waiting', release: releaseOf(second) });
      await rejectPromotion(world.context, { ...lead, promotion: waiting.id, role: 'approver' });
      await world.run();
      for (let count = 0; count < many; count++) await abort(await request({ release: first.id }));
      expect((await inStaging()).map(({ release }) => release).slice(0, many)).toEqual(Array(many).fill(first.id));

      const third = await world.toDev('third');
      expect(await world.latest('staging')).toMatchObject({ origin: 'auto', release: releaseOf(third) });
      await abort((await world.latest('staging')).id);
      for (let count = 0; count < many; count++) await abort(await request({ release: first.id }));
      expect(await world.latest('staging')).toMatchObject({ origin: 'request', state: 'aborted', release: first.id });
    });
  });
});
