import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mirror } from '../../../hub/sources/mirror.ts';
import { openScene, type Scene, settings } from '../plans/scene.ts';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
let scene: Scene;

beforeAll(async () => {
  let mirrorOf: (source: string) => Promise<Mirror> = () => Promise.reject(new Error('not yet'));
  api = await startTestApi({ mirrorOf: (source) => mirrorOf(source) });
  scene = await openScene(api.database.db);
  mirrorOf = scene.context.mirrorOf;
});
beforeEach(() => scene.reset());
afterAll(async () => {
  await scene?.close();
  await api?.stop();
});

const shop = { environment: 'prod', application: 'shop' };
/** The pin as Git has it. */
const pinned = async () => {
  const mirror = await scene.context.mirrorOf('fleet');
  const head = await mirror.remoteHead('fairway/pins');
  await mirror.fetch(head, 'fairway/pins');
  return Buffer.from((await mirror.read(head, 'pins/prod/shop.yaml')) ?? []).toString();
};

describe('holds', () => {
  it('[P5] is a commit that the hub signs, and so is lifting it', async () => {
    const release = await scene.release({ 'a.yaml': settings('1') });
    await scene.settle('prod', release);
    const held = await api.ask('POST', 'holds', { body: { ...shop, reason: 'sale until Monday' } });
    expect([held.status, held.body]).toEqual([201, { ...shop, commit: expect.stringMatching(/^[0-9a-f]{40}$/) }]);
    expect(await pinned()).toContain('sale until Monday');
    expect(api.woken).toContain('source fleet');
    const again = await api.ask('POST', 'holds', { body: { ...shop, reason: 'sale until Monday' } });
    expect(again.status).toBe(201);

    const lifted = await api.ask('DELETE', 'holds/prod/shop?reason=sale%20is%20over');
    expect([lifted.status, lifted.body.commit]).toEqual([200, expect.stringMatching(/^[0-9a-f]{40}$/)]);
    expect(await pinned()).not.toContain('hold');
    const ledger = await api.database.db
      .selectFrom('ledger')
      .select('action')
      .where('subject', '=', 'pin/prod/shop')
      .orderBy('id')
      .execute();
    // What changed nothing leaves no row.
    const actions = ['hold.request', 'hold.set', 'hold.request', 'hold.lift'];
    expect(ledger.map(({ action }) => action)).toEqual(actions);
  });

  it.each([
    ['POST', 'holds', { ...shop }, 400, 'request-invalid', 'reason'],
    ['POST', 'holds', { ...shop, environment: 'moon', reason: 'x' }, 404, 'environment-not-found', 'environment'],
    ['POST', 'holds', { ...shop, application: 'nope', reason: 'x' }, 404, 'application-not-found', 'application'],
    ['DELETE', 'holds/prod/nope', undefined, 404, 'application-not-found', 'application'],
    ['DELETE', 'holds/prod/shop', undefined, 404, 'hold-not-found', 'application'],
  ] as const)('[X4] %s %s %j is refused', async (method, path, body, status, code, field) => {
    await scene.release({ 'a.yaml': settings('2') });
    const answer = await api.ask(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[T5] takes the permission, and the scope', async () => {
    await scene.release({ 'a.yaml': settings('3') });
    const body = { ...shop, reason: 'x' };
    const developer = await api.token('developer');
    expect((await api.ask('POST', 'holds', { body, token: developer })).body.code).toBe('permission-missing');
    expect((await api.ask('DELETE', 'holds/prod/shop', { token: developer })).status).toBe(403);
    const dev = await api.token('operator', { environments: ['dev'] });
    expect((await api.ask('POST', 'holds', { body, token: dev })).status).toBe(404);
  });
});
