import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlanContent } from '../../../core/change/plan.ts';
import { makePlan, type PlanRequest } from '../../../hub/plans/make.ts';
import { ensureBundles } from '../../../hub/releases/bundles.ts';
import { startTestDatabase, type TestDatabase } from '../../database.ts';
import { openScene, rules, type Scene, settings, web } from './scene.ts';

let database: TestDatabase;
let scene: Scene;

beforeAll(async () => {
  database = await startTestDatabase();
  scene = await openScene(database.db);
});
beforeEach(() => scene.reset());
afterAll(async () => {
  await scene?.close();
  await database?.stop();
});

const release = (files: Record<string, string>) => scene.release(files);
const settle = (id: string) => scene.settle('prod', id);
const declare = (name: string, more: object) => scene.declare(name, more);

const request = (id: string | null): PlanRequest => ({
  ...{ environment: 'prod', application: 'shop', kind: id === null ? 'removal' : 'release', release: id },
});

/** `change ConfigMap settings data.log @ eu-1 eu-2` */
function linesOf({ changes, groups }: PlanContent): string[] {
  return changes
    .map(({ change, groups: positions }) => {
      const name = change.action === 'rules' ? 'rules' : `${change.object.kind} ${change.object.name}`;
      const fields = 'fields' in change ? change.fields.map(({ field }) => field) : [];
      const clusters = positions.flatMap((position) => groups[position]?.clusters ?? []);
      return [change.action, name, ...fields, '@', ...clusters].join(' ');
    })
    .sort();
}

describe('makePlan', () => {
  it('[P2] from the settled bundles to the new ones, the same change once', async () => {
    const first = await release({ 'a.yaml': settings('info'), 'b.yaml': web('w:1'), 'c.yaml': settings('x', 'old') });
    const second = await release({
      'a.yaml': settings('info'),
      'b.yaml': web('w:2'),
      'd.yaml': settings('x', 'new'),
    });
    await settle(first);
    const { digest, content } = await makePlan(scene.context, request(second));
    expect(content).toMatchObject({ environment: 'prod', application: 'shop', release: second, previous: first });
    expect(linesOf(content)).toEqual([
      'change Deployment web spec.template.spec.containers[name="web"].image @ eu-1 eu-2 us-1',
      'create ConfigMap new @ eu-1 eu-2',
      'create ConfigMap new @ us-1',
      'delete ConfigMap old @ eu-1 eu-2 us-1',
    ]);
    expect(content.groups).toHaveLength(2);
    expect(content.deletes).toMatchObject([{ kind: 'ConfigMap', namespace: 'shop', name: 'old' }]);
    const stored = await database.db.selectFrom('plans').selectAll().execute();
    expect(stored).toMatchObject([{ digest, content: JSON.parse(JSON.stringify(content)) }]);
  });

  it('[P2] a cluster that joins alters the digest only by a change that the set lacks', async () => {
    const first = await release({ 'a.yaml': settings('info'), 'b.yaml': web('w:1') });
    const second = await release({ 'a.yaml': settings('debug'), 'b.yaml': web('w:2') });
    await settle(first);
    const { digest } = await makePlan(scene.context, request(second));
    await scene.join('ap-1', { env: 'prod', region: 'ap' });
    const { digest: joined, content } = await makePlan(scene.context, request(second));
    expect(joined).toBe(digest);
    expect(content.groups.flatMap(({ clusters }) => clusters).sort()).toEqual(['ap-1', 'eu-1', 'eu-2', 'us-1']);
    const stored = await database.db.selectFrom('plans').selectAll().executeTakeFirstOrThrow();
    expect(stored.content).toMatchObject({ groups: content.groups });

    const third = await release({ 'a.yaml': settings('${{ cluster.name }}'), 'b.yaml': web('w:2') });
    const before = await makePlan(scene.context, request(third));
    await scene.join('ap-2', { env: 'prod', region: 'ap' });
    expect((await makePlan(scene.context, request(third))).digest).not.toBe(before.digest);
  });

  it("[P2] is another one where the environment's rules change, and the same where only its clusters do", async () => {
    const first = await release({ 'b.yaml': web('w:1') });
    const second = await release({ 'b.yaml': web('w:2') });
    await settle(first);
    const { digest } = await makePlan(scene.context, request(second));
    await declare('prod', { clusters: { matchLabels: { env: 'prod', region: 'eu' } }, ...rules });
    expect((await makePlan(scene.context, request(second))).digest).toBe(digest);
    await declare('prod', { ...rules, drift: 'report' });
    expect((await makePlan(scene.context, request(second))).digest).not.toBe(digest);
  });

  it('[G9] of a removal deletes everything; where nothing is settled, everything is created', async () => {
    const first = await release({ 'b.yaml': web('w:9'), 'a.yaml': settings('x') });
    expect(linesOf((await makePlan(scene.context, request(first))).content)).toEqual([
      'create ConfigMap settings @ eu-1 eu-2',
      'create ConfigMap settings @ us-1',
      'create Deployment web @ eu-1 eu-2 us-1',
    ]);
    await settle(first);
    const { content } = await makePlan(scene.context, request(null));
    expect(linesOf(content)).toEqual([
      'delete ConfigMap settings @ eu-1 eu-2 us-1',
      'delete Deployment web @ eu-1 eu-2 us-1',
    ]);
    expect(content.deletes.map(({ name }) => name).sort()).toEqual(['settings', 'web']);
  });

  it('[G6] names the clusters that it cannot be rendered for, and goes on with the others', async () => {
    const first = await release({ 'a.yaml': settings('x') });
    await settle(first);
    const second = await release({ 'a.yaml': settings('y') });
    await scene.join('bare', { env: 'prod' });
    const { content } = await makePlan(scene.context, request(second));
    expect(content.failures).toMatchObject([{ clusters: ['bare'], problem: { code: 'variable-unknown' } }]);
    expect(linesOf(content)).toEqual(['change ConfigMap settings data.log @ eu-1 eu-2 us-1']);
  });

  it('[G7] needs no commit for what is placed already', async () => {
    const first = await release({ 'a.yaml': settings('1') });
    const second = await release({ 'a.yaml': settings('2') });
    await settle(first);
    const { db } = database;
    const row = await db.selectFrom('releases').selectAll().where('id', '=', first).executeTakeFirstOrThrow();
    const targets = [
      ['eu-1', 'eu'],
      ['eu-2', 'eu'],
      ['us-1', 'us'],
    ].map(([cluster = '', region = '']) => ({
      ...{ cluster, environment: 'prod', labels: { env: 'prod', region } },
    }));
    for (const [cluster, found] of await ensureBundles(scene.context, row, targets)) {
      const bundle = 'bundle' in found ? found.bundle : '';
      await db
        .insertInto('placements')
        .values({
          cluster,
          application: 'shop',
          environment: 'prod',
          state: 'active',
          release: first,
          bundle,
          generation: 1,
          drift_mode: 'correct',
        })
        .execute();
    }
    await db
      .updateTable('releases')
      .set({ commit: 'f'.repeat(40) })
      .where('id', '=', first)
      .execute();
    expect(linesOf((await makePlan(scene.context, request(second))).content)).toEqual([
      'change ConfigMap settings data.log @ eu-1 eu-2 us-1',
    ]);
  });

  it('[X4] refuses what does not exist, naming the field', async () => {
    await expect(
      makePlan(scene.context, { ...request('shop@000000000000'), environment: 'nowhere' }),
    ).rejects.toMatchObject({
      ...{ code: 'environment-not-found', field: 'environment' },
    });
    await expect(makePlan(scene.context, request('shop@000000000000'))).rejects.toMatchObject({
      ...{ code: 'release-not-found', field: 'release' },
    });
    expect(await database.db.selectFrom('plans').selectAll().execute()).toEqual([]);
  });
});
