import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvePromotion } from '../../hub/promotions/commands.ts';
import { requestPromotion } from '../../hub/promotions/request.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import {
  addClusters,
  applicationFile,
  type EnvironmentRules,
  environmentFile,
  minute,
  type PromotionsWorld,
  pinFile,
  releaseOf,
  settings,
  startMirrors,
  startPromotionsWorld,
} from './promotions-world.ts';

/** From a commit to the pins of every environment, on a real database and a real Git host. */
describe('promotions', () => {
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
    await addClusters(database, 'dev', 'staging', 'prod');
    world = await startPromotionsWorld(database, await server.createRepository(`fleet-${++worlds}`), { mirrors });
  });
  afterEach(async () => {
    await world?.stop();
    await database?.stop();
  });

  /** Commits three environments and an application; dev follows the head. */
  const begin = (rules: Record<string, EnvironmentRules> = {}, more: Record<string, string> = {}) =>
    world.commit({
      'environments/dev.yaml': environmentFile('dev', rules.dev),
      'environments/staging.yaml': environmentFile('staging', { promotion: '{from: [dev]}', ...rules.staging }),
      'environments/prod.yaml': environmentFile('prod', { promotion: '{from: [staging]}', ...rules.prod }),
      'apps/shop/app.yaml': applicationFile('shop'),
      'apps/shop/settings.yaml': settings('first'),
      ...more,
    });
  const request = (environment: string, more: object = {}) =>
    requestPromotion(world.context, {
      ...{
        environment,
        applications: ['shop'],
        remove: false,
        actor: 'user:dana@example.com',
        role: 'developer',
        reason: null,
      },
      ...more,
    });

  it('[G1] an environment without `from` follows the head, with no pin', async () => {
    const first = await begin();
    expect(await world.latest('dev')).toMatchObject({
      origin: 'head',
      state: 'rolling-out',
      release: releaseOf(first),
    });
    expect(await world.pin('dev')).toBeNull();
    await world.endRollout('dev', 'completed');
    expect(await world.latest('dev')).toMatchObject({ state: 'settled' });
    await world.run('shop');
    expect(await world.promotions()).toHaveLength(1);
    // A newer head replaces what is still rolling out.
    const second = await world.commit({ 'apps/shop/settings.yaml': settings('second') });
    const third = await world.commit({ 'apps/shop/settings.yaml': settings('third') });
    expect((await world.promotions()).map(({ release, state }) => [release, state])).toEqual([
      [releaseOf(third), 'rolling-out'],
      [releaseOf(second), 'superseded'],
      [releaseOf(first), 'settled'],
    ]);
  });

  it('[G10] a promotion is a signed commit on the pins’ branch, with its trailers, and rolls out once Git says so', async () => {
    await begin();
    const commit = await world.toDev('second');
    const [row] = await request('staging', { reason: 'the spring sale' });
    await world.run();
    expect(row?.state).toBe('waiting');
    const promotion = await world.latest('staging');
    expect(promotion).toMatchObject({ origin: 'request', state: 'rolling-out', release: releaseOf(commit) });
    const pin = await world.pin('staging');
    expect(pin?.spec).toEqual({ source: 'fleet', revision: commit, promotion: String(promotion.id) });
    const message = await world.fleet.git('--git-dir', world.fleet.path, 'log', '-1', '--format=%B', 'fairway/pins');
    expect(message).toContain(`staging: promote ${releaseOf(commit)}`);
    expect(message).toContain('the spring sale');
    expect(message.split('\n\n').at(-1)).toBe(
      `Fairway-Promotion: ${promotion.id}\nPromoted-by: user:dana@example.com\nPlan-digest: ${promotion.plan_digest}`,
    );
    expect(await world.ledger('promotion.commit')).toMatchObject([{ commit: promotion.pin_commit }]);
    await world.endRollout('staging', 'completed');
    expect(await world.latest('staging')).toMatchObject({ state: 'settled' });
  });

  it('[P1] a release waits until it has settled, is healthy and has soaked where it comes from', async () => {
    await begin({ staging: { promotion: '{from: [dev], soak: 30m}' } });
    const commit = await world.commit({ 'apps/shop/settings.yaml': settings('second') });
    await request('staging', { release: releaseOf(commit) });
    await world.run();
    const waits = async () =>
      (await world.latest('staging')).waits.map(({ gate, name, reason }) => [gate, name, reason]);
    expect(await waits()).toEqual([['eligibility', 'dev', `${releaseOf(commit)} has not settled in dev`]]);
    await world.endRollout('dev', 'completed');
    expect(await waits()).toEqual([['eligibility', 'dev', `${releaseOf(commit)} is not healthy in dev`]]);
    await world.report('dev', 'healthy');
    expect(await waits()).toEqual([['soak', 'dev', `${releaseOf(commit)} has not been healthy in dev for 30m`]]);
    const [soak] = (await world.latest('staging')).waits;
    expect(soak).toMatchObject({ since: world.now(), deadline: world.now() + 30 * minute });
    world.pass(20 * minute);
    await world.report('dev', 'degraded');
    world.pass(20 * minute);
    await world.report('dev', 'healthy');
    world.pass(29 * minute);
    await world.run('shop');
    expect(await waits()).toEqual([['soak', 'dev', `${releaseOf(commit)} has not been healthy in dev for 30m`]]);
    world.pass(minute);
    await world.run('shop');
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
  });

  it('[P2, P3] approvals count by role, by people who neither asked nor wrote, and for the plan that they saw', async () => {
    await begin({ staging: { promotion: '{from: [dev], approvals: {required: 2}}' } });
    await world.commit({ 'apps/shop/settings.yaml': settings('second') }, 'carol@example.com');
    await world.endRollout('dev', 'completed');
    await world.report('dev', 'healthy');
    await request('staging');
    await world.run();
    const { id, waits, plan_digest: plan } = await world.latest('staging');
    expect(waits).toMatchObject([{ gate: 'approval', reason: '0 of 2 approvals by approver' }]);
    const approve = (name: string, role = 'approver') =>
      approvePromotion(world.context, {
        promotion: id,
        actor: `user:${name}@example.com`,
        role,
        reason: null,
        plan: null,
      });
    await expect(approve('dana')).rejects.toMatchObject({ code: 'approval-own-promotion' });
    await expect(approve('carol')).rejects.toMatchObject({ code: 'approval-own-commits' });
    await expect(approve('vera', 'viewer')).rejects.toMatchObject({ code: 'approval-role-not-asked' });
    await approve('bob');
    await approve('bob');
    await world.run();
    expect((await world.latest('staging')).waits).toMatchObject([{ reason: '1 of 2 approvals by approver' }]);

    // The rules are part of what was approved.
    await world.commit({
      'environments/staging.yaml': environmentFile('staging', {
        promotion: '{from: [dev], approvals: {required: 2}}',
        rollout: '{maxUnavailable: 50%}',
      }),
    });
    const changed = await world.latest('staging');
    expect(changed.plan_digest).not.toBe(plan);
    expect(changed.waits).toMatchObject([{ reason: '0 of 2 approvals by approver' }]);
    const approvals = await database.db.selectFrom('approvals').selectAll().execute();
    expect(approvals).toMatchObject([{ voided_reason: expect.stringContaining('the plan changed') }]);
    await approve('bob');
    await approve('erin');
    await world.run();
    expect(await world.latest('staging')).toMatchObject({ state: 'rolling-out' });
    const message = await world.fleet.git('--git-dir', world.fleet.path, 'log', '-1', '--format=%B', 'fairway/pins');
    expect(message).toContain('Approved-by: user:bob@example.com\nApproved-by: user:erin@example.com');
  });

  it('[P6] a pin that a person wrote is held to the gates, whatever its trailers say', async () => {
    await begin({ staging: { promotion: '{from: [dev], checks: [smoke]}' } });
    const commit = await world.toDev('second');
    await world.commitPins(
      { 'pins/staging/shop.yaml': pinFile('staging', commit, ', promotion: "99"') },
      'mallory@example.com',
    );
    const promotion = await world.latest('staging');
    expect(promotion).toMatchObject({ origin: 'pin', state: 'waiting', requested_by: 'user:mallory@example.com' });
    expect(promotion.waits).toMatchObject([{ gate: 'check', name: 'smoke' }]);
    expect(await database.db.selectFrom('rollouts').selectAll().where('environment', '=', 'staging').execute()).toEqual(
      [],
    );
    // Changed again, it is another promotion.
    await world.commitPins({ 'pins/staging/shop.yaml': pinFile('staging', 'b'.repeat(40)) });
    expect(await world.latest('staging')).toMatchObject({
      state: 'waiting',
      waits: [{ gate: 'plan' }, { gate: 'check' }],
    });
    expect(
      (await world.promotions()).filter(
        ({ environment, state }) => environment === 'staging' && state === 'superseded',
      ),
    ).toHaveLength(1);
  });
});
