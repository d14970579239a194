import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlanContent } from '../../../core/change/plan.ts';
import { makePlan, type PlanRequest } from '../../../hub/plans/make.ts';
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
    expect(linesOf((await makePlan(scene.context, request(null))).content)).toEqual([]);
    await scene.place(first);
    // It has the application from prod, whatever its labels are now.
    await database.db.updateTable('clusters').set({ labels: '{}' }).where('name', '=', 'us-1').execute();
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

  it('[R7] begins from what a rollout that has ended left on a cluster, and not from one that is under way', async () => {
    const first = await release({ 'b.yaml': web('w:1') });
    const second = await release({ 'b.yaml': web('w:2'), 'c.yaml': settings('x', 'extra') });
    const third = await release({ 'b.yaml': web('w:3') });
    await settle(first);
    const { db } = database;
    const { id } = await db
      .insertInto('rollouts')
      .values({
        ...{ environment: 'prod', application: 'shop', kind: 'release', release: second, previous: first },
        ...{ strategy: '{}', state: 'running', started_by: 'hub' },
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await db
      .insertInto('rollout_clusters')
      .values({ rollout: id, cluster: 'us-1', wave: 0, state: 'healthy', handed_out_at: new Date() })
      .execute();
    const underWay = await makePlan(scene.context, request(third));
    expect(linesOf(underWay.content)).toEqual([expect.stringMatching(/^change Deployment web .* @ eu-1 eu-2 us-1$/)]);
    await db.updateTable('rollouts').set({ state: 'aborted', ended_at: new Date() }).where('id', '=', id).execute();
    const after = await makePlan(scene.context, request(third));
    expect(after.digest).not.toBe(underWay.digest);
    expect(linesOf(after.content)).toEqual([
      expect.stringMatching(/^change Deployment web .* @ eu-1 eu-2$/),
      expect.stringMatching(/^change Deployment web .* @ us-1$/),
      'delete ConfigMap extra @ us-1',
    ]);
    await db.deleteFrom('rollouts').where('id', '=', id).execute();
  });

  it('[G7] needs no commit for what is placed already', async () => {
    const first = await release({ 'a.yaml': settings('1') });
    const second = await release({ 'a.yaml': settings('2') });
    await settle(first);
    await scene.place(first);
    const lost = { commit: 'f'.repeat(40) };
    await database.db.updateTable('releases').set(lost).where('id', '=', first).execute();
    expect(linesOf((await makePlan(scene.context, request(second))).content)).toEqual([
      'change ConfigMap settings data.log @ eu-1 eu-2 us-1',
    ]);
  });

  it('leaves out a cluster that two environments of the application select', async () => {
    await scene.release({ 'a.yaml': settings('1') });
    const both = await scene.release({
      'a.yaml': settings('2'),
      'app.yaml': scene.app.replace('[prod]', '[prod, canary]'),
    });
    await scene.declare('canary', { clusters: { matchLabels: { region: 'us' } }, ...rules });
    const { content } = await makePlan(scene.context, request(both));
    expect(content.groups.flatMap(({ clusters }) => clusters)).toEqual(['eu-1', 'eu-2']);
  });

  it('[X4] refuses what does not exist, naming the field', async () => {
    const good = await release({ 'a.yaml': settings('1') });
    await expect(makePlan(scene.context, { ...request(good), environment: 'nowhere' })).rejects.toMatchObject({
      ...{ code: 'environment-not-found', field: 'environment' },
    });
    await expect(makePlan(scene.context, request('shop@000000000000'))).rejects.toMatchObject({
      ...{ code: 'release-not-found', field: 'release' },
    });
    expect(await database.db.selectFrom('plans').selectAll().execute()).toEqual([]);
  });
});
