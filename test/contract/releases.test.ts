import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeBundle } from '../../core/bundle.ts';
import { FairwayError } from '../../core/errors.ts';
import { ensureBundles, readBundle, type Target } from '../../hub/releases/bundles.ts';
import { releaseLoop } from '../../hub/releases/loop.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import { noSpans } from '../../telemetry/spans.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';

const log = pino({ level: 'silent' });
const dataKey = createDataKey(new Uint8Array(32).fill(7));

let database: TestDatabase;
let folder: string;
let mirrors: Mirrors;
let repository: TestRepository;
let wakes: string[] = [];
let names = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'fairway-releases-'));
  mirrors = createMirrors({ directory: join(folder, 'mirrors'), log });
});
afterAll(async () => {
  await mirrors?.close();
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A repository, source and hub of its own for each test. */
let source: string;
beforeEach(async () => {
  source = `source-${++names}`;
  wakes = [];
  repository = await createRepository(folder, source);
  const { db } = database;
  for (const table of ['renders', 'releases', 'bundles', 'applications', 'pins', 'problems', 'events'] as const) {
    await db.deleteFrom(table).execute();
  }
  const spec = JSON.stringify({ url: repository.url, branch: 'main', paths: ['apps'] });
  await db.insertInto('sources').values({ name: source, origin: 'declared', spec }).execute();
});

function context() {
  const mirrorOf = async (name: string) => {
    if (name !== source) throw new FairwayError('source-unknown', `there is no source ${name}`);
    return mirrors.of({ name, url: repository.url, credentials: null });
  };
  const loops = {
    wake: async (loop: string, key: string) => {
      wakes.push(`${loop} ${key}`);
    },
  };
  return { db: database.db, dataKey, mirrorOf, loops };
}

async function commit(files: Record<string, string | null>, message?: string): Promise<string> {
  const id = await repository.commit(files, message);
  await repository.push();
  return id;
}

/** What the source's loop does when a head arrives. */
async function see(name: string, head: string, path = `apps/${name}`): Promise<void> {
  const mirror = await context().mirrorOf(source);
  await mirror.fetch(head, 'main');
  const tree = (await mirror.treeId(head, path)) ?? '';
  await database.db
    .insertInto('applications')
    .values({
      ...{ name, source, path, tree, commit: head },
      ...{ spec: null, tenant: null, newest_release: null, removed_at: null },
    })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ tree, commit: head }))
    .execute();
}

const run = (name: string, loop = releaseLoop(context())) =>
  loop.reconcile(name, { signal: new AbortController().signal, log, span: noSpans.open });

const releases = () =>
  database.db
    .selectFrom('releases')
    .select(['id', 'origin', 'path', 'author', 'message'])
    .orderBy('sequence')
    .execute();
const problems = () =>
  database.db
    .selectFrom('problems')
    .select(['scope', 'code', 'file', 'line', 'message', 'commit'])
    .orderBy('id')
    .execute();
const newest = async (name: string) =>
  (await database.db.selectFrom('applications').selectAll().where('name', '=', name).executeTakeFirst())
    ?.newest_release;

const app = (name: string, more = '') =>
  `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: ${name}}\nspec:\n  environments: [dev]\n${more}`;
const config = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {x: "${data}"}\n`;

describe('heads', () => {
  it('[G2] a head becomes a release once, with its ledger row and event', async () => {
    const head = await commit({ 'apps/shop/app.yaml': app('shop'), 'apps/shop/c.yaml': config('1') }, 'First\n\nMore');
    await see('shop', head);
    await run('shop');
    await run('shop');
    const id = `shop@${head.slice(0, 12)}`;
    expect(await releases()).toMatchObject([
      { id, origin: 'head', path: 'apps/shop', message: expect.stringContaining('First') },
    ]);
    expect(await newest('shop')).toBe(id);
    expect(wakes).toEqual(['promotion shop', 'placement shop', 'check fleet']);
    const ledger = await database.db.selectFrom('ledger').selectAll().where('release', '=', id).execute();
    expect(ledger).toMatchObject([{ actor: 'hub', action: 'release.create', subject: `release/${id}`, commit: head }]);
    const events = await database.db.selectFrom('events').selectAll().execute();
    expect(events).toMatchObject([
      { type: 'release', application: 'shop', release: id, message: `release ${id}: First` },
    ]);
  });

  it('[G6] a broken head becomes a problem; the last good release stays the newest', async () => {
    const good = await commit({ 'apps/shop/app.yaml': app('shop'), 'apps/shop/c.yaml': config('1') });
    await see('shop', good);
    await run('shop');
    const bad = await commit({ 'apps/shop/c.yaml': config('${{ nope }}') });
    await see('shop', bad);
    const loop = releaseLoop(context());
    wakes = [];
    await run('shop', loop);
    await run('shop', loop);
    expect(wakes).toEqual([]);
    expect(await newest('shop')).toBe(`shop@${good.slice(0, 12)}`);
    expect(await problems()).toMatchObject([
      { scope: 'application:shop', code: 'variable-unknown', file: 'apps/shop/c.yaml', line: 4, commit: bad },
    ]);
    const mended = await commit({ 'apps/shop/c.yaml': config('2') });
    await see('shop', mended);
    await run('shop', loop);
    expect(await newest('shop')).toBe(`shop@${mended.slice(0, 12)}`);
    expect(await problems()).toEqual([]);
  });

  it('a head that went back to a released commit is the newest again', async () => {
    const first = await commit({ 'apps/shop/app.yaml': app('shop'), 'apps/shop/c.yaml': config('1') });
    await see('shop', first);
    await run('shop');
    const second = await commit({ 'apps/shop/c.yaml': config('2') });
    await see('shop', second);
    await run('shop');
    await see('shop', first);
    await run('shop');
    expect(await newest('shop')).toBe(`shop@${first.slice(0, 12)}`);
    expect(await releases()).toHaveLength(2);
  });
});

describe('pins', () => {
  const pin = async (application: string, revision: string, from = source) => {
    const row = { environment: 'prod', application, revision, commit: 'c', file: `pins/prod/${application}.yaml` };
    const spec = JSON.stringify({ source: from, revision });
    await database.db
      .insertInto('pins')
      .values({ ...row, spec })
      .execute();
  };

  it('[G2] a pinned commit becomes a release, wherever its folder was then', async () => {
    const old = await commit({ 'apps/old/shop/app.yaml': app('shop'), 'apps/old/shop/c.yaml': config('old') });
    const head = await commit({
      ...{ 'apps/old/shop/app.yaml': null, 'apps/old/shop/c.yaml': null },
      ...{ 'apps/shop/app.yaml': app('shop'), 'apps/shop/c.yaml': config('new') },
    });
    await see('shop', head);
    await pin('shop', old);
    await run('shop');
    expect(await releases()).toMatchObject([
      { id: `shop@${head.slice(0, 12)}`, origin: 'head', path: 'apps/shop' },
      { id: `shop@${old.slice(0, 12)}`, origin: 'pin', path: 'apps/old/shop' },
    ]);
    expect(await newest('shop')).toBe(`shop@${head.slice(0, 12)}`);
    expect(await problems()).toEqual([]);
  });

  it('[G7] a pin of what is not there is a problem, and makes nothing', async () => {
    const head = await commit({ 'apps/shop/app.yaml': app('shop'), 'apps/shop/c.yaml': config('1') });
    await see('shop', head);
    await pin('shop', 'f'.repeat(40));
    await pin('other', head);
    await pin('third', head, 'nowhere');
    await run('shop');
    await run('other');
    await run('third');
    expect(await releases()).toHaveLength(1);
    expect(await problems()).toMatchObject([
      { scope: 'application:shop:pins', code: 'commit-missing', file: 'pins/prod/shop.yaml' },
      { scope: 'application:other:pins', code: 'pin-application-missing', file: 'pins/prod/other.yaml' },
      { scope: 'application:third:pins', code: 'source-unknown', file: 'pins/prod/third.yaml' },
    ]);
    expect(await releaseLoop(context()).keys()).toEqual(expect.arrayContaining(['shop', 'other', 'third']));
    await database.db.deleteFrom('pins').execute();
    await run('shop');
    expect((await problems()).filter(({ scope }) => scope.includes('shop'))).toEqual([]);
  });
});

describe('bundles', () => {
  const target = (cluster: string, labels: Record<string, string>): Target => ({ cluster, labels, environment: 'dev' });

  async function release(files: Record<string, string>) {
    const head = await commit(
      Object.fromEntries(Object.entries(files).map(([file, text]) => [`apps/shop/${file}`, text])),
    );
    await see('shop', head);
    await run('shop');
    expect(await problems()).toEqual([]);
    return database.db.selectFrom('releases').selectAll().where('commit', '=', head).executeTakeFirstOrThrow();
  }

  it('[G3] clusters share a render unless the values that are referenced differ', async () => {
    const row = await release({
      'app.yaml': app('shop', '  namespace: shop\n'),
      'c.yaml': config('${{ cluster.labels.region }}'),
    });
    const targets = [
      ...Array.from({ length: 50 }, (_, index) => target(`eu-${index}`, { region: 'eu', zone: String(index) })),
      target('us-1', { region: 'us' }),
      target('bare', {}),
    ];
    const bundles = await ensureBundles(context(), row, targets);
    expect(bundles.get('eu-0')).toEqual(bundles.get('eu-49'));
    expect(bundles.get('eu-0')).not.toEqual(bundles.get('us-1'));
    expect(bundles.get('bare')).toMatchObject({
      problem: {
        code: 'variable-unknown',
        file: 'apps/shop/c.yaml',
        line: 4,
        message: 'cluster bare has no label region',
      },
    });
    expect(await database.db.selectFrom('renders').selectAll().execute()).toHaveLength(2);
    expect(await ensureBundles(context(), row, targets)).toEqual(bundles);

    const found = bundles.get('us-1');
    const digest = found !== undefined && 'bundle' in found ? found.bundle : '';
    const content = await readBundle(database.db, dataKey, digest);
    expect(decodeBundle(content ?? new Uint8Array())).toMatchObject({
      ...{ application: 'shop', namespace: 'shop', objects: [{ kind: 'ConfigMap', data: { x: 'us' } }] },
    });
    expect(await readBundle(database.db, dataKey, `sha256:${'0'.repeat(64)}`)).toBeNull();
  });

  it('[G4] a bundle that holds Secrets is encrypted at rest', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n';
    const row = await release({ 'app.yaml': app('shop'), 's.yaml': secret });
    const [first, second] = await Promise.all(
      ['a', 'b'].map((name) => ensureBundles(context(), row, [target(name, {})]).then((map) => map.get(name))),
    );
    expect(first).toEqual(second);
    const stored = await database.db.selectFrom('bundles').selectAll().executeTakeFirstOrThrow();
    expect(stored.sealed).toBe(true);
    expect(stored.objects).toEqual([{ group: '', kind: 'Secret', namespace: '', name: 's' }]);
    expect(Buffer.from(stored.content).toString('latin1')).not.toContain('hunter2');
    const content = await readBundle(database.db, dataKey, stored.digest);
    expect(Buffer.from(content ?? []).toString()).toContain('hunter2');
    const other = createDataKey(new Uint8Array(32).fill(8));
    await expect(readBundle(database.db, other, stored.digest)).rejects.toMatchObject({ code: 'data-key-mismatch' });
  });

  it('[G4] content that is not what its digest names is refused', async () => {
    const row = await release({ 'app.yaml': app('shop'), 'c.yaml': config('1') });
    await ensureBundles(context(), row, [target('a', {})]);
    await database.db
      .updateTable('bundles')
      .set({ content: Buffer.from('{}') })
      .execute();
    const { digest } = await database.db.selectFrom('bundles').select('digest').executeTakeFirstOrThrow();
    await expect(readBundle(database.db, dataKey, digest)).rejects.toMatchObject({ code: 'bundle-corrupt' });
  });
});
