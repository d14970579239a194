import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationDetail } from '../../../proto/rest/applications.ts';
import { Check } from '../../../proto/rest/checks.ts';
import { EnvironmentDetail } from '../../../proto/rest/environments.ts';
import { Hold } from '../../../proto/rest/holds.ts';
import { PageOf } from '../../../proto/rest/page.ts';
import { Plan } from '../../../proto/rest/plans.ts';
import { Promotion, PromotionDetail, PromotionsMade } from '../../../proto/rest/promotions.ts';
import { Window } from '../../../proto/rest/windows.ts';
import { startTestApi, type TestApi } from './harness.ts';
import { older, planDigest, release, seedJourneys } from './journeys.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ now: () => Date.parse('2030-01-01T09:00:00Z') });
  await seedJourneys(api.database.db);
});
afterAll(() => api.stop());

const ids = async (path: string, token?: string) =>
  (await api.read(PageOf(Promotion), path, token)).items.map(({ id }: Promotion) => id);

describe('promotions', () => {
  it('[R5] are listed, newest first, with every wait: reason, since and deadline', async () => {
    const { items } = await api.read(PageOf(Promotion), 'promotions');
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
    const first = await api.read(PageOf(Promotion), 'promotions?limit=1');
    expect(await ids(`promotions?limit=1&cursor=${first.cursor}`)).toEqual([1]);
  });

  it('[P2] one is shown with which approvals count, what the checks say, and how much it changes', async () => {
    const shown: PromotionDetail = await api.read(PromotionDetail, 'promotions/1');
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
    const plan: Plan = await api.read(Plan, 'promotions/1/plan');
    expect(plan.changes.map(({ action, clusters: { names } }) => [action, names])).toEqual([
      ['change', ['prod-1', 'prod-2']],
      ['delete', ['prod-1', 'prod-2']],
    ]);
    expect((await api.read(Plan, 'promotions/1/plan?cluster=dev-1')).changes).toEqual([]);
    expect((await api.ask('GET', 'promotions/2/plan')).body.code).toBe('plan-not-found');
  });

  it.each([
    ['promotions/9', 404, 'promotion-not-found', undefined],
    ['promotions/x', 400, 'request-invalid', 'id'],
    ['promotions/1.5', 400, 'request-invalid', 'id'],
    ['promotions/1e0', 400, 'request-invalid', 'id'],
    ['promotions/true', 400, 'request-invalid', 'id'],
    ['promotions?set=1.5', 400, 'request-invalid', 'set'],
    ['promotions?state=fine', 400, 'request-invalid', 'state'],
    ['promotions/1/plan?cluster=nothing', 404, 'cluster-not-found', undefined],
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

describe('asking for promotions, and answering', () => {
  const post = (path: string, body: object = {}, more: object = {}) => api.ask('POST', path, { body, ...more });
  const ledgerOf = async (subject: string) =>
    (
      await api.database.db.selectFrom('ledger').select(['actor', 'action']).where('subject', '=', subject).execute()
    ).map(({ action }) => action);

  it('[P2] an approval is for the plan that was seen, by its digest', async () => {
    const approver = { token: await api.token('approver') };
    const other = await post('promotions/1/approve', { plan: `sha256:${'0'.repeat(64)}` }, approver);
    expect([other.status, other.body.code, other.body.field]).toEqual([409, 'plan-changed', 'plan']);
    const given = await post('promotions/1/approve', { plan: planDigest, reason: 'looks good' }, approver);
    expect([...Value.Errors(PromotionDetail, given.body)]).toEqual([]);
    expect(given.body.approvals).toMatchObject({ required: 2, given: 2 });
    expect((await post('promotions/1/approve', { plan: planDigest }, approver)).body.approvals.given).toBe(2);
    expect(await ledgerOf('promotion/1')).toEqual(['promotion.approve']);
    expect(api.woken).toContain('promotion shop');
  });

  it('[P4] a gate is opened by force with the role, and a reason', async () => {
    const overridden = await post('promotions/1/override', { gate: 'soak', reason: 'stops the outage' });
    expect(overridden.body.overrides).toMatchObject([{ gate: 'soak', reason: 'stops the outage' }]);
    const closed = await post('promotions/1/override', { gate: 'soak' });
    expect([closed.status, closed.body.field]).toEqual([400, 'reason']);
    expect((await post('promotions/1/override', { gate: 'door', reason: 'x' })).body.field).toBe('gate');
  });

  it('a version that moved on is refused', async () => {
    const match = { headers: { 'if-match': '"another"' } };
    expect((await post('promotions/1/abort', {}, match)).body.code).toBe('precondition-failed');
  });

  it('is asked for once, though the request is made again', async () => {
    const ask = { environment: 'prod', applications: ['ledger'], reason: 'month end' };
    const key = { headers: { 'idempotency-key': 'promote-1' } };
    const made = await post('promotions', ask, key);
    expect(made.status).toBe(201);
    expect([...Value.Errors(PromotionsMade, made.body)]).toEqual([]);
    expect(made.body.items).toMatchObject([{ application: 'ledger', state: 'waiting', reason: 'month end' }]);
    expect((await post('promotions', ask, key)).headers['idempotency-replayed']).toBe('true');
    expect((await post('promotions', ask)).body.items[0].id).toBe(made.body.items[0].id);
    const { id } = made.body.items[0];
    const rejected = await post(`promotions/${id}/reject`, { reason: 'not now' });
    expect(rejected.body).toMatchObject({ state: 'rejected', stateReason: 'not now' });
    expect((await post(`promotions/${id}/approve`, { plan: planDigest })).status).toBe(409);
  });

  it.each([
    ['promotions', { environment: 'prod', applications: [] }, 400, 'request-invalid', 'applications'],
    ['promotions', { environment: 'moon', applications: ['shop'] }, 404, 'environment-not-found', 'environment'],
    ['promotions', { environment: 'prod', applications: ['nope'] }, 404, 'application-not-found', 'applications'],
    [
      'promotions',
      { environment: 'prod', applications: ['shop'], revision: 'main' },
      400,
      'request-invalid',
      'revision',
    ],
    ['promotions', { environment: 'prod', applications: ['shop'], to: 'x' }, 400, 'request-invalid', 'to'],
    [
      'promotions',
      { environment: 'prod', applications: ['shop'], override: ['door'] },
      400,
      'request-invalid',
      'override.0',
    ],
    [
      'promotions',
      { environment: 'prod', applications: ['shop', 'ledger'], release },
      ...([400, 'promotion-ambiguous', 'release'] as const),
    ],
    ['promotions/1/approve', { plan: 'x' }, 400, 'request-invalid', 'plan'],
    ['promotions/9/approve', { plan: planDigest }, 404, 'promotion-not-found', undefined],
    ['promotions/2/abort', { reason: '' }, 400, 'request-invalid', 'reason'],
    [`releases/${release}/checks`, { name: 'smoke', verdict: 'fine' }, 400, 'request-invalid', 'verdict'],
    [`releases/${release}/checks`, { name: 'smoke', verdict: 'pass', url: 'x' }, 400, 'request-invalid', 'url'],
    [
      `releases/${release}/checks`,
      { name: 'smoke', verdict: 'pass', environment: 'moon' },
      404,
      'environment-not-found',
      'environment',
    ],
    ['releases/nope@0000000/checks', { name: 'smoke', verdict: 'pass' }, 404, 'release-not-found', undefined],
  ])('[X4] %s %j is refused', async (path, body, status, code, field) => {
    const answer = await post(path, body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[P7] a verdict is reported by whoever may, and woken are those who wait for it', async () => {
    const developer = await api.token('developer');
    const body = { name: 'load-test', verdict: 'inconclusive', environment: 'prod', detail: 'too noisy' };
    const made = await post(`releases/${release}/checks`, body, { token: developer });
    expect([made.status, [...Value.Errors(Check, made.body)]]).toEqual([201, []]);
    const { checks } = await api.read(PromotionDetail, 'promotions/1');
    expect(checks[0]).toMatchObject({ name: 'load-test', verdict: 'inconclusive', detail: 'too noisy' });
  });

  it('[T5, P4] whoever is bound to environments says of a release only what counts there', async () => {
    const token = await api.token('developer', { environments: ['dev'] });
    const say = (environment?: string) =>
      post(`releases/${older}/checks`, { name: 'bound', verdict: 'pass', environment }, { token });
    const everywhere = await say();
    expect([everywhere.status, everywhere.body.code]).toEqual([403, 'scope-insufficient']);
    expect([everywhere.body.field, everywhere.body.remedy]).toEqual([
      'environment',
      expect.stringMatching(/^name one of dev as environment: /),
    ]);
    expect((await say('prod')).body.code).toBe('environment-not-found');
    expect((await say('dev')).status).toBe(201);
    const stored = await api.database.db
      .selectFrom('checks')
      .select('environment')
      .where('name', '=', 'bound')
      .execute();
    expect(stored).toEqual([{ environment: 'dev' }]);
  });

  it('[T5] each takes its permission, and reaches only where its caller does', async () => {
    const viewer = { token: await api.token('viewer') };
    const ask = { environment: 'prod', applications: ['shop'] };
    for (const [path, body] of [
      ['promotions', ask],
      ['promotions/1/approve', { plan: planDigest }],
      ['promotions/1/reject', {}],
      ['promotions/1/abort', {}],
      ['promotions/1/override', { gate: 'soak', reason: 'x' }],
      [`releases/${release}/checks`, { name: 'smoke', verdict: 'pass' }],
    ] as const)
      expect((await post(path, body, viewer)).body.code, path).toBe('permission-missing');
    const developer = { token: await api.token('developer') };
    const forced = await post('promotions', { ...ask, override: ['soak'], reason: 'x' }, developer);
    expect([forced.status, forced.body.field]).toEqual([403, 'override']);
    const dev = { token: await api.token('developer', { environments: ['dev'] }) };
    expect((await post('promotions', ask, dev)).body.code).toBe('environment-not-found');
    expect((await post('promotions/1/abort', {}, dev)).status).toBe(404);
    const finance = { token: await api.token('developer', { tenants: ['finance'] }) };
    expect((await post('promotions', ask, finance)).body.code).toBe('application-not-found');
  });

  it('is given up before it rolls out', async () => {
    expect((await post('promotions/1/abort', { reason: 'no longer wanted' })).body).toMatchObject({ state: 'aborted' });
    expect((await post('promotions/1/abort')).body).toMatchObject({ state: 'aborted' });
  });
});

describe('where applications stand', () => {
  const shop = {
    ...{ environment: 'prod', application: 'shop', settled: { release: older } },
    pin: { release: older, hold: null },
    rollout: { id: 1, state: 'running', wait: { reason: '1 cluster to become healthy: prod-2' } },
  };

  it('an environment shows what is settled, pinned, held and on its way', async () => {
    const { applications } = await api.read(EnvironmentDetail, 'environments/prod');
    expect(applications).toMatchObject([
      { application: 'ledger', settled: null, pin: { hold: { reason: 'rolled back' } }, rollout: null },
      shop,
    ]);
    const bounded = await api.token('viewer', { tenants: ['finance'] });
    expect((await api.read(EnvironmentDetail, 'environments/prod', bounded)).applications).toHaveLength(1);
  });

  it('so does an application', async () => {
    const { positions } = await api.read(ApplicationDetail, 'applications/shop');
    expect(positions).toMatchObject([{ environment: 'dev', settled: { release } }, shop]);
    const bounded = await api.token('viewer', { environments: ['dev'] });
    expect((await api.read(ApplicationDetail, 'applications/shop', bounded)).positions).toHaveLength(1);
  });
});

describe('holds, checks and windows', () => {
  it('[P5] a hold stands in its pin', async () => {
    const { items } = await api.read(PageOf(Hold), 'holds');
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
    expect((await api.read(PageOf(Hold), 'holds?application=shop')).items).toEqual([]);
    const shop = await api.token('viewer', { tenants: ['storefront'] });
    expect((await api.read(PageOf(Hold), 'holds', shop)).items).toEqual([]);
  });

  it('[P4] verdicts on a release are listed, the newest first', async () => {
    const { items } = await api.read(PageOf(Check), `releases/${release}/checks`);
    expect(items.map(({ name, verdict, environment }: Check) => [name, verdict, environment])).toEqual([
      ['load-test', 'inconclusive', 'prod'],
      ['load-test', 'pass', 'dev'],
      ['smoke', 'pass', null],
      ['smoke', 'fail', null],
    ]);
    expect((await api.read(PageOf(Check), `releases/${release}/checks?name=load-test`)).items).toHaveLength(2);
    const prod = await api.token('viewer', { environments: ['prod'] });
    expect((await api.read(PageOf(Check), `releases/${release}/checks`, prod)).items).toHaveLength(3);
  });

  it('[P4] windows say whether they let through, since when, and when that changes', async () => {
    const { items } = await api.read(PageOf(Window), 'windows');
    expect(items).toEqual([
      expect.objectContaining({
        ...{ name: 'mornings', type: 'allow', on: true, passable: true, environments: ['prod'] },
        ...{ since: '2030-01-01T08:00:00.000Z', until: '2030-01-01T12:00:00.000Z' },
      }),
      expect.objectContaining({ name: 'new-year', type: 'freeze', on: false, passable: true, environments: [] }),
    ]);
    expect((await api.read(PageOf(Window), 'windows?environment=prod')).items).toHaveLength(1);
    const dev = await api.token('viewer', { environments: ['dev'] });
    expect((await api.read(PageOf(Window), 'windows', dev)).items).toEqual([]);
  });
});
