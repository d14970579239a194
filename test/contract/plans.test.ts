import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlanContent } from '../../core/change/plan.ts';
import { makePlan, type PlanRequest } from '../../hub/plans/make.ts';
import { ensureBundles } from '../../hub/releases/bundles.ts';
import { releaseLoop } from '../../hub/releases/loop.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import { noSpans } from '../../telemetry/spans.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';

const log = pino({ level: 'silent' });
const dataKey = createDataKey(new Uint8Array(32).fill(7));
const source = 'fleet';

let database: TestDatabase;
let folder: string;
let mirrors: Mirrors;
let repository: TestRepository;

beforeAll(async () => {
  database = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'fairway-plans-'));
  mirrors = createMirrors({ directory: join(folder, 'mirrors'), log });
  repository = await createRepository(folder, source);
  const { db } = database;
  const spec = JSON.stringify({ url: repository.url, branch: 'main', paths: ['apps'] });
  await db.insertInto('sources').values({ name: source, origin: 'declared', spec }).execute();
});
afterAll(async () => {
  await mirrors?.close();
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

const rules = { promotion: { from: ['staging'], soak: '1h' }, drift: 'correct' };

beforeEach(async () => {
  const { db } = database;
  for (const table of ['plans', 'placements', 'settlements', 'clusters', 'declarations'] as const)
    await db.deleteFrom(table).execute();
  await declare('prod', rules);
  for (const [name, region] of [
    ['eu-1', 'eu'],
    ['eu-2', 'eu'],
    ['us-1', 'us'],
  ] as const)
    await joinCluster(name, { env: 'prod', region });
});

async function declare(name: string, more: object): Promise<void> {
  const spec = JSON.stringify({ clusters: { matchLabels: { env: name } }, ...more });
  await database.db
    .insertInto('declarations')
    .values({ kind: 'Environment', name, spec, labels: '{}', file: `environments/${name}.yaml`, commit: 'c' })
    .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet({ spec }))
    .execute();
}

async function joinCluster(name: string, labels: Record<string, string>): Promise<void> {
  await database.db
    .insertInto('clusters')
    .values({ name, labels: JSON.stringify(labels), state: 'joined' })
    .execute();
}

const context = () => ({
  db: database.db,
  dataKey,
  mirrorOf: () => mirrors.of({ name: source, url: repository.url, credentials: null }),
  loops: { wake: async () => undefined },
});

const app =
  'apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: shop}\nspec: {environments: [prod], namespace: shop}\n';
const settings = (text: string, name = 'settings') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {log: "${text}", region: "\${{ cluster.labels.region }}"}\n`;
const web = (image: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: "${image}"}]}}}\n`;

/** Of the release before. */
let written: string[] = [];

/** A release of app.yaml and these files alone. */
async function release(files: Record<string, string>): Promise<string> {
  const all: Record<string, string | null> = { ...Object.fromEntries(written.map((file) => [file, null])), ...files };
  written = Object.keys(files);
  const head = await repository.commit({
    'apps/shop/app.yaml': app,
    ...Object.fromEntries(Object.entries(all).map(([file, text]) => [`apps/shop/${file}`, text])),
  });
  await repository.push();
  const { db } = database;
  const mirror = await context().mirrorOf();
  await mirror.fetch(head, 'main');
  const tree = (await mirror.treeId(head, 'apps/shop')) ?? '';
  await db
    .insertInto('applications')
    .values({ name: 'shop', source, path: 'apps/shop', tree, commit: head, spec: null, tenant: null })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ tree, commit: head }))
    .execute();
  await releaseLoop(context()).reconcile('shop', { signal: new AbortController().signal, log, span: noSpans.open });
  return `shop@${head.slice(0, 12)}`;
}

async function settle(id: string): Promise<void> {
  const { db } = database;
  await db.deleteFrom('settlements').execute();
  await db.insertInto('settlements').values({ environment: 'prod', application: 'shop', release: id }).execute();
}

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
    const { digest, content } = await makePlan(context(), request(second));
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
    const { digest } = await makePlan(context(), request(second));
    await joinCluster('ap-1', { env: 'prod', region: 'ap' });
    const { digest: joined, content } = await makePlan(context(), request(second));
    expect(joined).toBe(digest);
    expect(content.groups.flatMap(({ clusters }) => clusters).sort()).toEqual(['ap-1', 'eu-1', 'eu-2', 'us-1']);
    const stored = await database.db.selectFrom('plans').selectAll().executeTakeFirstOrThrow();
    expect(stored.content).toMatchObject({ groups: content.groups });

    const third = await release({ 'a.yaml': settings('${{ cluster.name }}'), 'b.yaml': web('w:2') });
    const before = await makePlan(context(), request(third));
    await joinCluster('ap-2', { env: 'prod', region: 'ap' });
    expect((await makePlan(context(), request(third))).digest).not.toBe(before.digest);
  });

  it("[P2] is another one where the environment's rules change, and the same where only its clusters do", async () => {
    const first = await release({ 'b.yaml': web('w:1') });
    const second = await release({ 'b.yaml': web('w:2') });
    await settle(first);
    const { digest } = await makePlan(context(), request(second));
    await declare('prod', { clusters: { matchLabels: { env: 'prod', region: 'eu' } }, ...rules });
    expect((await makePlan(context(), request(second))).digest).toBe(digest);
    await declare('prod', { ...rules, drift: 'report' });
    expect((await makePlan(context(), request(second))).digest).not.toBe(digest);
  });

  it('[G9] of a removal deletes everything; where nothing is settled, everything is created', async () => {
    const first = await release({ 'b.yaml': web('w:9'), 'a.yaml': settings('x') });
    expect(linesOf((await makePlan(context(), request(first))).content)).toEqual([
      'create ConfigMap settings @ eu-1 eu-2',
      'create ConfigMap settings @ us-1',
      'create Deployment web @ eu-1 eu-2 us-1',
    ]);
    await settle(first);
    const { content } = await makePlan(context(), request(null));
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
    await joinCluster('bare', { env: 'prod' });
    const { content } = await makePlan(context(), request(second));
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
    for (const [cluster, found] of await ensureBundles(context(), row, targets)) {
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
    expect(linesOf((await makePlan(context(), request(second))).content)).toEqual([
      'change ConfigMap settings data.log @ eu-1 eu-2 us-1',
    ]);
  });

  it('[X4] refuses what does not exist, naming the field', async () => {
    await expect(
      makePlan(context(), { ...request('shop@000000000000'), environment: 'nowhere' }),
    ).rejects.toMatchObject({
      ...{ code: 'environment-not-found', field: 'environment' },
    });
    await expect(makePlan(context(), request('shop@000000000000'))).rejects.toMatchObject({
      ...{ code: 'release-not-found', field: 'release' },
    });
    expect(await database.db.selectFrom('plans').selectAll().execute()).toEqual([]);
  });
});
