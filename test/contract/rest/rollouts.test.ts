import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageOf } from '../../../proto/rest/page.ts';
import { Promotion } from '../../../proto/rest/promotions.ts';
import { Rollout, RolloutCluster, RolloutDetail, RolloutStep } from '../../../proto/rest/rollouts.ts';
import { startTestApi, type TestApi } from './harness.ts';
import { older, release, seedJourneys } from './journeys.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await seedJourneys(api.database.db);
});
afterAll(() => api.stop());

const ids = async (path: string, token?: string) =>
  (await api.read(PageOf(Rollout), path, token)).items.map(({ id }: Rollout) => id);

describe('rollouts', () => {
  it('[R5] are listed with their wave, their clusters by state, and what they wait for', async () => {
    const { items } = await api.read(PageOf(Rollout), 'rollouts');
    expect(items.map(({ id, state }: Rollout) => [id, state])).toEqual([
      [2, 'completed'],
      [1, 'running'],
    ]);
    expect(items[1]).toMatchObject({
      ...{ environment: 'prod', application: 'shop', release, previous: older, startedBy: 'token:ci' },
      wait: {
        ...{ on: 'progress', reason: '1 cluster to become healthy: prod-2' },
        ...{ since: '2030-01-01T00:00:00.000Z', deadline: '2030-01-01T00:10:00.000Z' },
      },
      wave: { position: 2, of: 3, name: 'quarter' },
      clusters: { total: 4, healthy: 1, updating: 1, failed: 1, pending: 1 },
    });
  });

  it('are found by environment, application, state, and whether they have ended', async () => {
    expect(await ids('rollouts?environment=prod')).toEqual([1]);
    expect(await ids('rollouts?application=ledger')).toEqual([2]);
    expect(await ids('rollouts?state=completed')).toEqual([2]);
    expect(await ids('rollouts?active=true')).toEqual([1]);
    const first = await api.read(PageOf(Rollout), 'rollouts?limit=1');
    expect(await ids(`rollouts?limit=1&cursor=${first.cursor}`)).toEqual([1]);
  });

  it('[R3] one is shown with its waves, its budget, and the clusters in trouble', async () => {
    const shown: RolloutDetail = await api.read(RolloutDetail, 'rollouts/1');
    expect(shown.waves.map(({ position, name, state, clusters }) => [position, name, state, clusters.total])).toEqual([
      [1, 'canary', 'done', 1],
      [2, 'quarter', 'rolling', 2],
      [3, 'rest', 'pending', 1],
    ]);
    expect(shown.waves[2]).toMatchObject({ needsApproval: true, maxConcurrent: 50, soakSeconds: 0 });
    // prod-3 was ill before, and takes none of it.
    expect(shown.budget).toEqual({ maximum: 2, used: 1 });
    expect(shown.failures).toEqual({ count: 1, threshold: 2 });
    expect(shown.troubled.map(({ cluster, state, stateReason }) => [cluster, state, stateReason])).toEqual([
      ['prod-3', 'failed', 'it is degraded'],
    ]);
  });

  it('[R5] its clusters are listed, by wave and state', async () => {
    const clusters = async (query: string) =>
      (await api.read(PageOf(RolloutCluster), `rollouts/1/clusters${query}`)).items.map(
        ({ cluster, wave, state }: RolloutCluster) => `${cluster} ${wave} ${state}`,
      );
    const all = ['prod-1 1 healthy', 'prod-2 2 updating', 'prod-3 2 failed', 'prod-4 3 pending'];
    expect(await clusters('')).toEqual(all);
    expect(await clusters('?state=failed')).toEqual(['prod-3 2 failed']);
    expect(await clusters('?wave=3')).toEqual(['prod-4 3 pending']);
    expect(await clusters('?wave=2147483647')).toEqual([]);
    const pieces: string[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `rollouts/1/clusters?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`;
      const { items, cursor: next } = await api.read(PageOf(RolloutCluster), path);
      pieces.push(...items.map(({ cluster }: RolloutCluster) => cluster));
      cursor = next;
    } while (cursor !== null);
    expect(pieces).toEqual(['prod-1', 'prod-2', 'prod-3', 'prod-4']);
    const [updating] = (await api.read(PageOf(RolloutCluster), 'rollouts/1/clusters?state=updating')).items;
    expect(updating.wait).toMatchObject({
      reason: 'Deployment shop/web: 1 of 2',
      deadline: '2030-01-01T00:00:00.000Z',
    });
  });

  it('its steps are listed, the newest first', async () => {
    const { items } = await api.read(PageOf(RolloutStep), 'rollouts/1/history?limit=2');
    expect(items.map(({ event, wave, cluster }: RolloutStep) => [event, wave, cluster])).toEqual([
      ['rollout.running', null, null],
      ['cluster.updating', 1, 'prod-1'],
    ]);
  });

  it.each([
    ['rollouts/9', 404, 'rollout-not-found', undefined],
    ['rollouts/9/clusters', 404, 'rollout-not-found', undefined],
    ['rollouts/9/history', 404, 'rollout-not-found', undefined],
    ['rollouts/0', 400, 'request-invalid', 'id'],
    ['rollouts/1/clusters?state=fine', 400, 'request-invalid', 'state'],
    ['rollouts/1/clusters?wave=0', 400, 'request-invalid', 'wave'],
    ['rollouts/1/clusters?wave=2147483648', 400, 'request-invalid', 'wave'],
    ['rollouts?active=perhaps', 400, 'request-invalid', 'active'],
  ])('[X4] %s is refused', async (path, status, code, field) => {
    const answer = await api.ask('GET', path);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[T5] those of other environments and tenants do not exist', async () => {
    const dev = await api.token('viewer', { environments: ['dev'] });
    expect(await ids('rollouts', dev)).toEqual([2]);
    for (const path of ['rollouts/1', 'rollouts/1/clusters', 'rollouts/1/history'])
      expect((await api.ask('GET', path, { token: dev })).status).toBe(404);
    const finance = await api.token('viewer', { tenants: ['finance'] });
    expect(await ids('rollouts', finance)).toEqual([2]);
  });
});

describe('telling a rollout what to do', () => {
  const post = (path: string, body: object = {}, more: object = {}) =>
    api.ask('POST', `rollouts/${path}`, { body, ...more });

  it('[R7] pauses and resumes, and asking twice is asking once', async () => {
    const paused = await post('1/pause', { reason: 'errors in checkout' });
    expect([...Value.Errors(Rollout, paused.body)]).toEqual([]);
    expect(paused.body).toMatchObject({ state: 'paused', pausedBy: expect.stringMatching(/^token:/) });
    expect(paused.body.stateReason).toContain('errors in checkout');
    expect((await post('1/pause')).body.state).toBe('paused');
    expect((await post('1/resume')).body.state).toBe('running');
    expect(api.woken).toContain('rollout 1');
    const ledger = await api.database.db
      .selectFrom('ledger')
      .select(['actor', 'action'])
      .where('subject', '=', 'rollout/1')
      .where('action', 'in', ['rollout.pause', 'rollout.resume'])
      .execute();
    expect(ledger.map(({ action }) => action)).toEqual(['rollout.pause', 'rollout.resume']);
  });

  it('retries a cluster that failed, and skips one', async () => {
    const retried = await post('1/retry', { clusters: ['prod-3'] });
    expect(retried.body.clusters).toMatchObject({ failed: 0 });
    const skipped = await post('1/skip', { cluster: 'prod-4', reason: 'disk is being replaced' });
    expect(skipped.body.clusters).toMatchObject({ skipped: 1, pending: 0 });
  });

  it('[R4] opens the gate of a wave', async () => {
    const approver = await api.token('approver');
    expect((await post('1/approve', { wave: 'rest' }, { token: approver })).status).toBe(200);
    const shown: RolloutDetail = await api.read(RolloutDetail, 'rollouts/1');
    expect(shown.waves[2]?.approvedBy).toMatch(/^token:test-approver/);
  });

  it('a version that moved on is refused', async () => {
    const { headers } = await api.ask('GET', 'rollouts/1');
    const match = { headers: { 'if-match': String(headers.etag) } };
    expect((await post('1/pause', {}, match)).status).toBe(200);
    const again = await post('1/resume', {}, match);
    expect([again.status, again.body.code]).toEqual([412, 'precondition-failed']);
  });

  it('a request made again with its key happens once', async () => {
    const key = { headers: { 'idempotency-key': 'resume-1' } };
    expect((await post('1/resume', {}, key)).body.state).toBe('running');
    await post('1/pause');
    const replayed = await post('1/resume', {}, key);
    expect([replayed.body.state, replayed.headers['idempotency-replayed']]).toEqual(['running', 'true']);
    expect((await api.ask('GET', 'rollouts/1')).body.state).toBe('paused');
  });

  it.each([
    ['9/pause', {}, 404, 'rollout-not-found', undefined],
    ['2/pause', {}, 409, 'rollout-ended', undefined],
    ['1/skip', {}, 400, 'request-invalid', 'cluster'],
    ['1/skip', { cluster: 'nowhere' }, 404, 'rollout-cluster-unknown', 'cluster'],
    ['1/skip', { cluster: 'prod-1' }, 409, 'rollout-cluster-not-skippable', 'cluster'],
    ['1/retry', { clusters: ['prod-1'] }, 409, 'rollout-nothing-to-retry', 'clusters'],
    ['1/retry', { clusters: [] }, 400, 'request-invalid', 'clusters'],
    ['1/approve', { wave: 'nowhere' }, 404, 'wave-not-found', 'wave'],
    ['1/approve', { wave: 'canary' }, 409, 'wave-needs-no-approval', 'wave'],
    ['1/abort', { reason: '' }, 400, 'request-invalid', 'reason'],
    ['1/abort', { why: 'x' }, 400, 'request-invalid', 'why'],
  ])('[X4] %s %j is refused', async (path, body, status, code, field) => {
    const answer = await post(path, body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[T5] takes the permission, and the scope', async () => {
    const developer = await api.token('developer');
    for (const change of ['pause', 'resume', 'abort', 'retry', 'skip'])
      expect((await post(`1/${change}`, { cluster: 'prod-1' }, { token: developer })).status, change).toBe(403);
    const operator = await api.token('operator');
    expect((await post('1/approve', {}, { token: operator })).body.code).toBe('permission-missing');
    const dev = await api.token('operator', { environments: ['dev'] });
    expect((await post('1/abort', {}, { token: dev })).status).toBe(404);
  });

  it('[R7] an aborted one has ended', async () => {
    expect((await post('1/abort', { reason: 'enough' })).body).toMatchObject({ state: 'aborted' });
    expect((await post('1/abort')).body).toMatchObject({ id: 1, state: 'aborted' });
    expect(await ids('rollouts?active=true')).toEqual([]);
  });
});

describe('rolling back', () => {
  const back = (id: number, body: object = {}, more: object = {}) =>
    api.ask('POST', `rollouts/${id}/rollback`, { body, ...more });

  it('[R6] goes to the last other release that settled there, at once', async () => {
    const { db } = api.database;
    const then = new Date('2029-01-01T00:00:00Z');
    await db
      .insertInto('settlements')
      .values({ environment: 'prod', application: 'shop', release, settled_at: then, superseded_at: then })
      .execute();
    const { status, body } = await back(1, { reason: 'errors in checkout' });
    expect([status, [...Value.Errors(Promotion, body)]]).toEqual([200, []]);
    expect(body).toMatchObject({ kind: 'rollback', release, requestedBy: expect.stringMatching(/^token:/) });
    const [newest] = (await api.read(PageOf(Rollout), 'rollouts?environment=prod')).items;
    expect(newest).toMatchObject({ kind: 'rollback', release, promotion: body.id, previous: older });
    expect(await back(1)).toMatchObject({ status: 409, body: { code: 'rollout-not-newest' } });
  });

  it.each([
    [2, {}, 409, 'rollback-nowhere', 'to'],
    [2, { to: 'ledger' }, 400, 'request-invalid', 'to'],
    [9, {}, 404, 'rollout-not-found', undefined],
  ])('[X4] of %i to %j is refused', async (id, body, status, code, field) => {
    const answer = await back(id, body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[T5] takes the permission', async () => {
    expect((await back(2, {}, { token: await api.token('developer') })).body.code).toBe('permission-missing');
  });
});
