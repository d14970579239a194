import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mirror } from '../../../hub/sources/mirror.ts';
import { type Plan, PlanAnswer } from '../../../proto/rest/plans.ts';
import { openScene, rules, type Scene, settings, web } from '../plans/scene.ts';
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

const ask = async (body: object, token?: string) => {
  const answer = await api.ask('POST', 'plans', { body, ...(token === undefined ? {} : { token }) });
  if (answer.status === 200) expect([...Value.Errors(PlanAnswer, answer.body)]).toEqual([]);
  return answer;
};
const fieldsOf = ({ changes }: Plan) =>
  changes.map(({ action, object, fields, clusters }) => [
    ...[action, object?.name ?? null, fields.map(({ field }) => field).join(' '), clusters.names.join(' ')],
  ]);

describe('POST plans', () => {
  it('[P2] plans the newest release of an application, or the one that a revision begins', async () => {
    const first = await scene.release({ 'a.yaml': settings('1'), 'b.yaml': web('w:1') });
    const second = await scene.release({ 'a.yaml': settings('2'), 'b.yaml': web('w:1') });
    await scene.settle('prod', first);
    const { status, body } = await ask({ application: 'shop' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ unreleased: false, problems: [] });
    const [plan, ...others] = body.plans;
    expect(others).toEqual([]);
    expect(plan).toMatchObject({ environment: 'prod', release: second, previous: first, changed: 1, created: 0 });
    expect(plan.clusters).toEqual({ total: 3, changed: 3, unchanged: 0, failed: 0 });
    expect(fieldsOf(plan)).toEqual([['change', 'settings', 'data.log', 'eu-1 eu-2 us-1']]);
    const { body: same } = await ask({ application: 'shop', revision: first.slice(5) });
    expect(same.plans).toMatchObject([{ release: first, changes: [], clusters: { changed: 0, unchanged: 3 } }]);
  });

  it('[P2] plans a commit before it is a release, and makes none of it', async () => {
    const first = await scene.release({ 'a.yaml': settings('1') });
    await scene.settle('prod', first);
    const commit = await scene.commit({ 'a.yaml': settings('1'), 'new.yaml': web('w:1') });
    const { body } = await ask({ application: 'shop', revision: commit, environment: 'prod' });
    expect(body.unreleased).toBe(true);
    expect(fieldsOf(body.plans[0])).toEqual([['create', 'web', '', 'eu-1 eu-2 us-1']]);
    const { body: whole } = await ask({ revision: commit });
    expect(whole.plans).toEqual(body.plans);
    const releases = await api.database.db.selectFrom('releases').select('id').where('commit', '=', commit).execute();
    expect(releases).toEqual([]);
    expect(await api.database.db.selectFrom('plans').selectAll().execute()).toEqual([]);
  });

  it('[G6] says what is wrong at a commit, and plans nothing of it', async () => {
    await scene.settle('prod', await scene.release({ 'a.yaml': settings('1') }));
    const commit = await scene.commit({ 'a.yaml': settings('${{ nope }}') });
    const { body } = await ask({ application: 'shop', revision: commit });
    expect(body.plans).toEqual([]);
    expect(body.problems).toMatchObject([{ code: 'variable-unknown', file: 'apps/shop/a.yaml', severity: 'error' }]);
  });

  it('[G9] plans that an application is taken away', async () => {
    const release = await scene.release({ 'a.yaml': settings('1') });
    await scene.settle('prod', release);
    await scene.place(release);
    const { body } = await ask({ application: 'shop', remove: true });
    expect(body.plans).toMatchObject([{ kind: 'removal', release: null, deleted: 1 }]);
  });

  it('shows only what changes on one cluster', async () => {
    const first = await scene.release({ 'a.yaml': settings('1') });
    await scene.settle('prod', first);
    await scene.release({ 'a.yaml': settings('1').replace('cluster.labels.region', 'cluster.name') });
    const { body } = await ask({ application: 'shop', cluster: 'us-1' });
    expect(fieldsOf(body.plans[0])).toEqual([['change', 'settings', 'data.region', 'us-1']]);
    expect(body.plans[0].clusters.changed).toBe(3);
  });

  it('knows no plan for a cluster that there is not', async () => {
    await scene.release({ 'a.yaml': settings('1') });
    const { status, body } = await ask({ application: 'shop', cluster: 'us-9' });
    expect([status, body.code]).toEqual([404, 'cluster-not-found']);
  });

  it('[A11] shows no value of a Secret', async () => {
    const secret = (value: string) =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {password: ${value}}\n`;
    await scene.settle('prod', await scene.release({ 's.yaml': secret('hunter2') }));
    await scene.release({ 's.yaml': secret('correct-horse') });
    const { body } = await ask({ application: 'shop' });
    expect(fieldsOf(body.plans[0])).toEqual([['change', 'key', 'data.password', 'eu-1 eu-2 us-1']]);
    for (const value of ['hunter2', 'correct-horse'].flatMap((text) => [text, Buffer.from(text).toString('base64')]))
      expect(JSON.stringify(body)).not.toContain(value);
  });

  it.each([
    ['nothing', {}, 400, 'application-missing', 'application'],
    ['an application that is none', { application: 'nope' }, 404, 'application-not-found', 'application'],
    [
      'an environment that is none',
      { application: 'shop', environment: 'moon' },
      404,
      'environment-not-found',
      'environment',
    ],
    [
      'an environment that it is not for',
      { application: 'shop', environment: 'dev' },
      400,
      'environment-not-listed',
      'environment',
    ],
    [
      'the beginning of no release',
      { application: 'shop', revision: 'abcdef0' },
      404,
      'revision-not-found',
      'revision',
    ],
    ['a commit that is none', { application: 'shop', revision: 'a'.repeat(40) }, 400, 'commit-missing', undefined],
    ['a revision that is no commit', { application: 'shop', revision: 'main' }, 400, 'request-invalid', 'revision'],
    ['a field that is none', { application: 'shop', env: 'prod' }, 400, 'request-invalid', 'env'],
  ])('[X4] refuses %s', async (_what, body, status, code, field) => {
    await scene.declare('dev', rules);
    await scene.release({ 'a.yaml': settings('1') });
    const answer = await ask(body);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('[T5] shows nothing of other environments and tenants', async () => {
    await scene.settle('prod', await scene.release({ 'a.yaml': settings('1') }));
    const elsewhere = await api.token('developer', { environments: ['dev'] });
    expect((await ask({ application: 'shop' }, elsewhere)).body.plans).toEqual([]);
    expect((await ask({ application: 'shop', environment: 'prod' }, elsewhere)).status).toBe(404);
    const other = await api.token('developer', { tenants: ['finance'] });
    expect((await ask({ application: 'shop' }, other)).body.code).toBe('application-not-found');
    const commit = await scene.commit({ 'a.yaml': settings('2') });
    expect((await ask({ revision: commit }, other)).body.plans).toEqual([]);
    const broken = await scene.commit({ 'a.yaml': settings('${{ nope }}') });
    expect((await ask({ application: 'shop', revision: broken }, other)).body.code).toBe('application-not-found');
    expect((await ask({ revision: broken }, other)).body).toMatchObject({ plans: [], problems: [] });
    expect((await ask({ revision: broken })).body.problems).toHaveLength(1);
  });
});
