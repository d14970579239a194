import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Check } from '../../../proto/rest/checks.ts';
import { Hold } from '../../../proto/rest/holds.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { Plan } from '../../../proto/rest/plans.ts';
import { Promotion, PromotionDetail } from '../../../proto/rest/promotions.ts';
import { Window } from '../../../proto/rest/windows.ts';
import { startTestApi, type TestApi } from './harness.ts';
import { older, planDigest, release, seedJourneys } from './journeys.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ now: () => Date.parse('2030-01-01T09:00:00Z') });
  await seedJourneys(api.database.db);
});
afterAll(() => api.stop());

const get = async (schema: TSchema, path: string, token?: string) => {
  const { status, body } = await api.ask('GET', path, token === undefined ? {} : { token });
  expect([status, body.code]).toEqual([200, undefined]);
  expect([...Value.Errors(schema, body)], path).toEqual([]);
  return body;
};
const ids = async (path: string, token?: string) =>
  (await get(PageOf(Promotion), path, token)).items.map(({ id }: Promotion) => id);

describe('promotions', () => {
  it('[R5] are listed, newest first, with every wait: reason, since and deadline', async () => {
    const { items } = await get(PageOf(Promotion), 'promotions');
    expect(items.map(({ id, state }: Promotion) => [id, state])).toEqual([
      [2, 'aborted'],
      [1, 'waiting'],
    ]);
    expect(items[1].waits).toEqual([
      {
        ...{ gate: 'check', name: 'load-test', reason: 'check load-test has not reported' },
        ...{ since: '2030-01-01T00:00:00.000Z', deadline: null },
      },
      expect.objectContaining({ gate: 'approval', name: null }),
      expect.objectContaining({ gate: 'window', deadline: '2030-01-01T08:00:00.000Z' }),
    ]);
  });

  it('are found by environment, application, release, state, and whether they have ended', async () => {
    expect(await ids('promotions?environment=prod&application=shop')).toEqual([1]);
    expect(await ids(`promotions?release=${release}`)).toEqual([1]);
    expect(await ids('promotions?state=aborted')).toEqual([2]);
    expect(await ids('promotions?active=true')).toEqual([1]);
    expect(await ids('promotions?environment=dev')).toEqual([]);
    const first = await get(PageOf(Promotion), 'promotions?limit=1');
    expect(await ids(`promotions?limit=1&cursor=${first.cursor}`)).toEqual([1]);
  });

  it('[P2] one is shown with which approvals count, what the checks say, and how much it changes', async () => {
    const shown: PromotionDetail = await get(PromotionDetail, 'promotions/1');
    expect(shown.approvals).toMatchObject({ required: 2, given: 1, from: ['role:approver'] });
    expect(shown.approvals.items.map(({ actor, counts, voidedReason }) => [actor, counts, voidedReason])).toEqual([
      ['token:ada', true, null],
      ['token:ben', false, 'the plan changed'],
    ]);
    expect(shown.checks.map(({ name, verdict, url }) => [name, verdict, url])).toEqual([
      ['load-test', null, null],
      ['smoke', 'pass', 'https://ci.example/7'],
    ]);
    expect(shown.plan).toMatchObject({
      digest: planDigest,
      changed: 1,
      deleted: 1,
      clusters: { total: 2, changed: 2 },
    });
    expect(shown).toMatchObject({ previous: older, requestedBy: 'token:ci', reason: 'new prices' });
  });

  it('[P2] the plan of one is shown, whole or of one cluster', async () => {
    const plan: Plan = await get(Plan, 'promotions/1/plan');
    expect(plan.changes.map(({ action, clusters: { names } }) => [action, names])).toEqual([
      ['change', ['prod-1', 'prod-2']],
      ['delete', ['prod-1', 'prod-2']],
    ]);
    expect((await get(Plan, 'promotions/1/plan?cluster=dev-1')).changes).toEqual([]);
    expect((await api.ask('GET', 'promotions/2/plan')).body.code).toBe('plan-not-found');
  });

  it.each([
    ['promotions/9', 404, 'promotion-not-found', undefined],
    ['promotions/x', 400, 'request-invalid', 'id'],
    ['promotions?state=fine', 400, 'request-invalid', 'state'],
    ['promotions/9/plan', 404, 'promotion-not-found', undefined],
  ])('[X4] %s is refused', async (path, status, code, field) => {
    const answer = await api.ask('GET', path);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[T5] those of other environments and tenants do not exist', async () => {
    const dev = await api.token('viewer', { environments: ['dev'] });
    expect(await ids('promotions', dev)).toEqual([]);
    expect((await api.ask('GET', 'promotions/1', { token: dev })).status).toBe(404);
    const finance = await api.token('viewer', { tenants: ['finance'] });
    expect(await ids('promotions', finance)).toEqual([2]);
    expect((await api.ask('GET', 'promotions/1/plan', { token: finance })).status).toBe(404);
  });
});

describe('holds, checks and windows', () => {
  it('[P5] a hold stands in its pin', async () => {
    const { items } = await get(PageOf(Hold), 'holds');
    expect(items).toEqual([
      {
        ...{
          environment: 'prod',
          application: 'ledger',
          release: `ledger@${'a'.repeat(12)}`,
          revision: 'a'.repeat(40),
        },
        ...{ reason: 'rolled back', by: 'user:lead@example.com', commit: 'e'.repeat(40) },
      },
    ]);
    expect((await get(PageOf(Hold), 'holds?application=shop')).items).toEqual([]);
    const shop = await api.token('viewer', { tenants: ['storefront'] });
    expect((await get(PageOf(Hold), 'holds', shop)).items).toEqual([]);
  });

  it('[P4] verdicts on a release are listed, the newest first', async () => {
    const { items } = await get(PageOf(Check), `releases/${release}/checks`);
    expect(items.map(({ name, verdict, environment }: Check) => [name, verdict, environment])).toEqual([
      ['load-test', 'pass', 'dev'],
      ['smoke', 'pass', null],
      ['smoke', 'fail', null],
    ]);
    expect((await get(PageOf(Check), `releases/${release}/checks?name=load-test`)).items).toHaveLength(1);
    const prod = await api.token('viewer', { environments: ['prod'] });
    expect((await get(PageOf(Check), `releases/${release}/checks`, prod)).items).toHaveLength(2);
  });

  it('[P4] windows say whether they let through, since when, and when that changes', async () => {
    const { items } = await get(PageOf(Window), 'windows');
    expect(items).toEqual([
      expect.objectContaining({
        ...{ name: 'mornings', type: 'allow', on: true, passable: true, environments: ['prod'] },
        ...{ since: '2030-01-01T08:00:00.000Z', until: '2030-01-01T12:00:00.000Z' },
      }),
      expect.objectContaining({ name: 'new-year', type: 'freeze', on: false, passable: true, environments: [] }),
    ]);
    expect((await get(PageOf(Window), 'windows?environment=prod')).items).toHaveLength(1);
    const dev = await api.token('viewer', { environments: ['dev'] });
    expect((await get(PageOf(Window), 'windows', dev)).items).toEqual([]);
  });
});
