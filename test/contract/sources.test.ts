import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkLoop, wholeFleet } from '../../hub/fleet/check-loop.ts';
import { createLoops } from '../../hub/queue/create-loops.ts';
import type { LoopName, Loops } from '../../hub/queue/loops.ts';
import { createPostgresBackend } from '../../hub/queue/postgres.ts';
import { acceptRewrite } from '../../hub/sources/accept.ts';
import { setCredentials } from '../../hub/sources/credentials.ts';
import { handleWebhook } from '../../hub/sources/handle-webhook.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createSources, type Sources } from '../../hub/sources/service.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import { noSpans } from '../../telemetry/spans.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import type { TestRepository } from '../git/repository.ts';
import { git } from '../git/run.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { until } from '../until.ts';

const log = pino({ level: 'silent' });
const environment = (name: string, extra = '') =>
  `apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: ${name}}\nspec: {clusters: {matchLabels: {env: ${name}}}${extra}}\n`;
const application = (name: string, more = '') =>
  `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: ${name}${more}}\nspec: {environments: [dev]}\n`;
const source = (name: string, url: string, more = '') =>
  `apiVersion: fairway.dev/v1\nkind: Source\nmetadata: {name: ${name}}\nspec: {url: "${url}", paths: [.]${more}}\n`;
const cluster = (name: string, ring: string) =>
  `apiVersion: fairway.dev/v1\nkind: Cluster\nmetadata: {name: ${name}, labels: {ring: ${ring}}}\nspec: {allow: {kinds: [v1/ConfigMap], namespaces: [shop]}}\n`;
const pin = (application: string, revision: string) =>
  `apiVersion: fairway.dev/v1\nkind: Pin\nmetadata: {environment: prod, application: ${application}}\nspec: {source: fleet, revision: ${revision}}\n`;

describe('the source loop', () => {
  let server: GitServer;
  let database: TestDatabase;
  let directory: string;
  let mirrors: Mirrors;
  let sources: Sources;
  let fleet: TestRepository;
  let woken: string[];
  // Only what is woken matters here; runs are made by `run`.
  const loops: Loops = {
    define: () => undefined,
    wake: async (loop: LoopName, key: string) => void woken.push(`${loop} ${key}`),
    start: async () => undefined,
    answers: async () => undefined,
    stop: async () => undefined,
  };
  const dataKey = createDataKey(new Uint8Array(32).fill(7));

  beforeAll(async () => {
    [server, directory] = await Promise.all([startGitServer(), mkdtemp(join(tmpdir(), 'fairway-sources-'))]);
  });
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  let world = 0;
  beforeEach(async () => {
    world++;
    database = await startTestDatabase();
    fleet = await server.createRepository(`fleet-${world}`);
    mirrors = createMirrors({ directory: join(directory, String(world)), log });
    woken = [];
    sources = createSources({
      db: database.db,
      dataKey,
      mirrors,
      loops,
      log,
      pollInterval: 3_600_000,
      fleet: { url: fleet.url, branch: 'main', pinsBranch: 'fairway/pins' },
    });
    await sources.start();
    return async () => {
      await sources.stop();
      await mirrors.close();
      await database.stop();
    };
  });

  const run = async (name = 'fleet') => {
    woken = [];
    await sources.loop.reconcile(name, { signal: new AbortController().signal, log, span: noSpans.open });
    expect(woken).toContain('check fleet');
    return woken.filter((wake) => wake !== 'check fleet').sort();
  };
  /** What is named and does not exist, over the whole fleet. */
  const check = () =>
    checkLoop(database.db).reconcile(wholeFleet, { signal: new AbortController().signal, log, span: noSpans.open });
  const push = async (files: Record<string, string | null>, repository = fleet, branch = 'main') => {
    const commit = await repository.commit(files, 'A change', branch);
    await repository.push(branch);
    return commit;
  };
  const row = (name = 'fleet') =>
    database.db.selectFrom('sources').selectAll().where('name', '=', name).executeTakeFirstOrThrow();
  const problems = async () =>
    (await database.db.selectFrom('problems').selectAll().orderBy('id').execute()).map(({ code, file }) =>
      file === null ? code : `${code} ${file}`,
    );
  const ledger = async () =>
    (await database.db.selectFrom('ledger').selectAll().orderBy('id').execute()).map(
      ({ action, subject }) => `${action} ${subject}`,
    );
  const declared = async () =>
    (await database.db.selectFrom('declarations').selectAll().orderBy('name').execute()).map(
      ({ kind, name }) => `${kind} ${name}`,
    );
  const applications = async () =>
    Object.fromEntries(
      (await database.db.selectFrom('applications').selectAll().orderBy('name').execute()).map(
        ({ name, source, path, removed_at }) => [name, `${source}:${path}${removed_at === null ? '' : ' (gone)'}`],
      ),
    );

  it('[G1] takes a head whole: declarations, applications and ledger rows, and wakes what follows', async () => {
    const head = await push({
      'environments/dev.yaml': environment('dev'),
      'apps/shop/app.yaml': application('shop'),
      'apps/shop/web.yaml': 'a: 1\n',
    });
    expect(await run()).toEqual(['placement shop', 'promotion shop', 'release shop']);
    expect(await row()).toMatchObject({ head, head_message: 'A change', error_code: null, rewritten_head: null });
    expect(await declared()).toEqual(['Environment dev']);
    expect(await applications()).toEqual({ shop: 'fleet:apps/shop' });
    expect(await problems()).toEqual([]);
    expect(await ledger()).toEqual([
      'source.configure source/fleet',
      'source.head source/fleet',
      'declaration.create environment/dev',
      'application.appear application/shop',
    ]);
    expect(await run()).toEqual([]);
    expect((await ledger()).length).toBe(4);
  });

  it('[G2] wakes only the application whose folder changed', async () => {
    await push({
      'environments/dev.yaml': environment('dev'),
      'apps/shop/app.yaml': application('shop'),
      'apps/cart/app.yaml': application('cart'),
      'README.md': 'x',
    });
    await run();
    const before = await database.db.selectFrom('applications').selectAll().orderBy('name').execute();
    await push({ 'README.md': 'y' });
    expect(await run()).toEqual([]);
    const head = await push({ 'apps/cart/web.yaml': 'a: 1\n' });
    expect(await run()).toEqual(['placement cart', 'release cart']);
    const [cart, shop] = await database.db.selectFrom('applications').selectAll().orderBy('name').execute();
    expect(cart).toMatchObject({ commit: head });
    expect(shop).toEqual(before[1]);
  });

  it('[G6] keeps the last good version of a file that broke, and takes everything else', async () => {
    await push({
      'environments/dev.yaml': environment('dev'),
      'environments/prod.yaml': environment('prod'),
      'apps/shop/app.yaml': application('shop'),
    });
    await run();
    await push({
      'environments/prod.yaml': 'kind: Environment\nmetadata: {name: prod}\nspec: {clusterz: 1}\n',
      'apps/shop/app.yaml': 'kind: [',
      'apps/cart/app.yaml': application('cart'),
    });
    await run();
    expect(await declared()).toEqual(['Environment dev', 'Environment prod']);
    expect(await applications()).toEqual({ cart: 'fleet:apps/cart', shop: 'fleet:apps/shop' });
    const wrong = await problems();
    expect(wrong.some((problem) => problem.endsWith('environments/prod.yaml'))).toBe(true);
    expect(wrong.some((problem) => problem.endsWith('apps/shop/app.yaml'))).toBe(true);
    await push({ 'environments/prod.yaml': null, 'apps/shop/app.yaml': application('shop') });
    expect(await run()).toContain('placement cart');
    expect(await declared()).toEqual(['Environment dev']);
    expect(await problems()).toEqual([]);
    expect(await ledger()).toContain('declaration.remove environment/prod');
  });

  it('[G9] marks an application whose folder vanished, and deletes nothing', async () => {
    await push({ 'environments/dev.yaml': environment('dev'), 'apps/shop/app.yaml': application('shop') });
    await run();
    await push({ 'apps/shop': null });
    expect(await run()).toEqual(['placement shop', 'promotion shop']);
    expect(await applications()).toEqual({ shop: 'fleet:apps/shop (gone)' });
    await push({ 'apps/shop/app.yaml': application('shop') });
    expect(await run()).toEqual(['placement shop', 'release shop']);
    expect(await applications()).toEqual({ shop: 'fleet:apps/shop' });
  });

  it('[G7] does not follow a rewritten head until a person accepts it', async () => {
    await push({ 'environments/dev.yaml': environment('dev') });
    const taken = await push({ 'apps/shop/app.yaml': application('shop') });
    await run();
    const rewritten = await fleet.forcePush({ 'apps/other/app.yaml': application('other') });
    expect(await run()).toEqual([]);
    expect(await row()).toMatchObject({ head: taken, rewritten_head: rewritten });
    expect(await problems()).toEqual(['head-rewritten']);
    expect(await applications()).toEqual({ shop: 'fleet:apps/shop' });
    expect(await run()).toEqual([]);
    expect((await ledger()).filter((entry) => entry.startsWith('source.refuse-rewrite'))).toHaveLength(1);

    await expect(acceptRewrite(database.db, 'fleet', taken, 'user:lead')).rejects.toMatchObject({
      code: 'rewrite-not-found',
    });
    await acceptRewrite(database.db, 'fleet', rewritten, 'user:lead');
    expect(await run()).toEqual(['placement other', 'placement shop', 'promotion shop', 'release other']);
    expect(await row()).toMatchObject({ head: rewritten, rewritten_head: null });
    expect(await problems()).toEqual([]);
    expect(await applications()).toEqual({ other: 'fleet:apps/other', shop: 'fleet:apps/shop (gone)' });
    expect(await ledger()).toContain('source.accept-rewrite source/fleet');
  });

  it('[G7] knows a head that descends though the mirror was lost, and keeps what is in force though its commit vanished', async () => {
    const first = await push({
      'environments/dev.yaml': environment('dev'),
      'apps/shop/app.yaml': application('shop'),
    });
    await run();
    await push({ x: '1' });
    const next = await push({ x: '2' });
    const url = fleet.url;
    const fresh = createMirrors({ directory: join(directory, `${world}-fresh`), log });
    const options = { db: database.db, dataKey, mirrors: fresh, log, fleet: { url, branch: 'main', pinsBranch: 'p' } };
    const rebuilt = createSources({ ...options, loops });
    await rebuilt.loop.reconcile('fleet', { signal: new AbortController().signal, log, span: noSpans.open });
    expect(await row()).toMatchObject({ head: next, rewritten_head: null });
    expect(first).not.toBe(next);
    await fresh.close();

    const rewritten = await fleet.forcePush({ y: '1' }, { commits: 2 });
    await git(fleet.path, 'gc', '--quiet', '--prune=now');
    const empty = createMirrors({ directory: join(directory, `${world}-empty`), log });
    await createSources({ ...options, mirrors: empty, loops }).loop.reconcile('fleet', {
      signal: new AbortController().signal,
      log,
      span: noSpans.open,
    });
    expect(await row()).toMatchObject({ head: next, rewritten_head: rewritten });
    expect(await applications()).toEqual({ shop: 'fleet:apps/shop' });
    await empty.close();
  });

  it('[G8] writes down that a host is away, keeps what is in force, and goes on when it is back', async () => {
    await push({ 'environments/dev.yaml': environment('dev'), 'apps/shop/app.yaml': application('shop') });
    await run();
    await server.goAway();
    await run();
    const away = await row();
    expect(away).toMatchObject({ error_code: 'git-unreachable' });
    expect(await applications()).toEqual({ shop: 'fleet:apps/shop' });
    await run();
    expect((await row()).error_since).toEqual(away.error_since);
    await server.comeBack();
    await run();
    expect(await row()).toMatchObject({ error_code: null, error_message: null, error_since: null });
  });

  it('follows declared sources with credentials of their own, and leaves them when they go', async () => {
    const secret = await startGitServer({ basic: { username: 'hub', password: 'word' } });
    try {
      const other = await secret.createRepository('other');
      await push({ 'cart/app.yaml': application('cart') }, other);
      await push({
        'environments/dev.yaml': environment('dev'),
        'sources/other.yaml': source('other', other.url, ', credentials: other-git'),
      });
      expect(await run()).toContain('source other');
      expect(await run('other')).toEqual([]);
      expect(await row('other')).toMatchObject({ error_code: 'git-refused' });
      await setCredentials(database.db, dataKey, 'user:lead', 'other-git', {
        type: 'basic',
        username: 'hub',
        password: 'word',
      });
      expect(await run('other')).toEqual(['placement cart', 'release cart']);
      expect(await row('other')).toMatchObject({ error_code: null });
      await push({ 'sources/other.yaml': null });
      expect(await run()).toContain('source other');
      expect(await run('other')).toEqual(['placement cart', 'promotion cart']);
      expect(await applications()).toEqual({ cart: 'other:cart (gone)' });
      const rows = JSON.stringify(await database.db.selectFrom('ledger').selectAll().execute());
      expect(rows).not.toContain('word"');
    } finally {
      await secret.stop();
    }
  });

  it('refuses a second application of the same name, and wakes the refused source when the first is gone', async () => {
    const other = await server.createRepository(`other-${world}`);
    await push({ 'shop/app.yaml': application('shop') }, other);
    await push({
      'environments/dev.yaml': environment('dev'),
      'apps/a/app.yaml': application('shop'),
      'apps/b/app.yaml': application('shop'),
      'sources/other.yaml': source('other', other.url),
    });
    await run();
    await run('other');
    expect(await applications()).toEqual({ shop: 'fleet:apps/a' });
    expect(await problems()).toEqual(['application-duplicate apps/b/app.yaml', 'application-duplicate shop/app.yaml']);
    await push({ 'apps/a': null, 'apps/b': null });
    expect(await run()).toContain('source other');
    expect(await run('other')).toEqual(['placement shop', 'release shop']);
    expect(await applications()).toEqual({ shop: 'other:shop' });
    expect(await problems()).toEqual([]);
  });

  it('[G6] reports a source that names what cannot be used, and an application of another tenant', async () => {
    const other = await server.createRepository(`other-${world}`);
    await push({ 'shop/app.yaml': application('shop', ', tenant: other') }, other);
    await push({
      'environments/dev.yaml': environment('dev'),
      'sources/fleet.yaml': source('fleet', other.url),
      'sources/plain.yaml': source('plain', 'http://git.example/x.git'),
      'sources/secret.yaml': source('secret', 'https://u:hidden-word@git.example/x.git'),
      'sources/other.yaml': source('other', other.url, ', tenants: [storefront]'),
      'tenants/storefront.yaml':
        'apiVersion: fairway.dev/v1\nkind: Tenant\nmetadata: {name: storefront}\nspec: {namespaces: [shop]}\n',
    });
    await run();
    await run('other');
    expect(await problems()).toEqual([
      'field-invalid sources/secret.yaml',
      'source-name-reserved sources/fleet.yaml',
      'source-url-invalid sources/plain.yaml',
      'application-tenant-refused shop/app.yaml',
    ]);
    expect(await applications()).toEqual({});
    expect(JSON.stringify(await database.db.selectFrom('problems').selectAll().execute())).not.toContain('hidden-word');
  });

  it('[G6] reports what is named and does not exist once, with its source, for as long as it does not', async () => {
    const other = await server.createRepository(`other-${world}`);
    await push({ 'app.yaml': application('shop') }, other);
    await push({ 'environments/prod.yaml': environment('prod'), 'sources/other.yaml': source('other', other.url) });
    await run();
    await run('other');
    // The release loop writes it: the newest spec that is good.
    const spec = { environments: ['dev'], overrides: [], dependsOn: [] };
    await database.db
      .updateTable('applications')
      .set({ spec: JSON.stringify(spec) })
      .execute();
    const wrong = async () => {
      await check();
      const rows = await database.db.selectFrom('problems').selectAll().orderBy('id').execute();
      return rows.map(({ code, source, file }) => `${code} ${source}:${file}`);
    };
    const unmatched = 'selector-matches-nothing fleet:environments/prod.yaml';
    expect(await wrong()).toEqual([unmatched, 'reference-missing other:app.yaml']);
    // No commit says so: the cluster is registered, the environment declared elsewhere.
    await database.db
      .insertInto('clusters')
      .values({ name: 'eu-1', labels: JSON.stringify({ env: 'prod' }), state: 'registered' })
      .execute();
    expect(await wrong()).toEqual(['reference-missing other:app.yaml']);
    await push({ 'environments/dev.yaml': environment('dev') });
    await run();
    expect(await wrong()).toEqual(['selector-matches-nothing fleet:environments/dev.yaml']);
  });

  it('[A10, U1] binds an application to the tenant that its file names now, and says so in the ledger', async () => {
    const tenant = async () =>
      (await database.db.selectFrom('applications').select('tenant').where('name', '=', 'shop').executeTakeFirst())
        ?.tenant;
    const files = (tenants: string) => ({ 'apps/shop/app.yaml': application('shop', tenants) });
    await push({ 'environments/dev.yaml': environment('dev'), ...files('') });
    await run();
    expect(await tenant()).toBeNull();
    await push(files(', tenant: storefront'));
    await run();
    expect(await tenant()).toBe('storefront');
    await push(files(', tenant: finance'));
    expect(await run()).toContain('placement shop');
    expect(await tenant()).toBe('finance');
    const rows = await database.db
      .selectFrom('ledger')
      .select('detail')
      .where('action', '=', 'application.tenant')
      .orderBy('id')
      .execute();
    expect(rows.map(({ detail }) => detail)).toEqual([
      { source: 'fleet', before: null, after: 'storefront' },
      { source: 'fleet', before: 'storefront', after: 'finance' },
    ]);
  });

  it('reads pins from their own branch, and keeps them when it is rewritten or gone', async () => {
    const revision = await push({
      'environments/prod.yaml': environment('prod'),
      'apps/shop/app.yaml': application('shop'),
    });
    await run();
    const pins = async () =>
      (await database.db.selectFrom('pins').selectAll().execute()).map((row) => `${row.application} ${row.revision}`);
    expect(await pins()).toEqual([]);
    await push({ 'pins/prod/shop.yaml': pin('shop', revision) }, fleet, 'fairway/pins');
    expect(await run()).toEqual(['promotion shop', 'release shop']);
    expect(await pins()).toEqual([`shop ${revision}`]);
    const next = 'a'.repeat(40);
    await push({ 'pins/prod/shop.yaml': pin('shop', next) }, fleet, 'fairway/pins');
    await run();
    expect(await pins()).toEqual([`shop ${next}`]);
    const rewritten = await fleet.forcePush({ 'pins/prod/shop.yaml': null }, { branch: 'fairway/pins' });
    await run();
    expect(await pins()).toEqual([`shop ${next}`]);
    expect(await problems()).toContain('head-rewritten');
    await acceptRewrite(database.db, 'fleet', rewritten, 'user:lead');
    expect(await run()).toEqual(['promotion shop', 'release shop']);
    expect(await pins()).toEqual([]);
    await fleet.removeBranch('fairway/pins');
    await run();
    expect(await problems()).toContain('branch-missing');
    expect(await ledger()).toContain('pin.change pin/prod/shop');
  });

  it('is woken by a signed webhook at once, whatever form of the URL it names', async () => {
    const secret = 'hook-secret-word';
    await setCredentials(database.db, dataKey, 'user:lead', 'fleet', { type: 'none', webhookSecret: secret });
    const body = Buffer.from(JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: fleet.url } }));
    const sign = (key: string) => `sha256=${createHmac('sha256', key).update(body).digest('hex')}`;
    const hook = (key: string, named?: string) =>
      handleWebhook(
        { db: database.db, dataKey, loops },
        { headers: { 'x-hub-signature-256': sign(key) }, body, source: named },
      );
    woken = [];
    expect(await hook(secret)).toEqual({ sources: ['fleet'] });
    expect(woken).toEqual(['source fleet']);
    await expect(hook('another')).rejects.toMatchObject({ code: 'hook-signature' });
    await expect(hook(secret, 'unknown')).rejects.toMatchObject({ code: 'hook-unknown-repository' });
  });

  it('[G5] does not follow a source whose signatures it cannot verify, and says so', async () => {
    const spec = '{url: https://git.example/signed.git, signatures: required}';
    await push({
      'sources/signed.yaml': `apiVersion: fairway.dev/v1\nkind: Source\nmetadata: {name: signed}\nspec: ${spec}\n`,
    });
    await run();
    const rows = await database.db.selectFrom('sources').select('name').execute();
    expect(rows.map(({ name }) => name)).toEqual(['fleet']);
    expect(JSON.stringify(await problems())).toContain('signatures-unverifiable');
  });

  it('sets the labels that a file gives a cluster, and never widens it when the file goes', async () => {
    await database.db
      .insertInto('clusters')
      .values({ name: 'eu-1', labels: '{"env":"dev"}', state: 'registered' })
      .execute();
    await push({
      'environments/dev.yaml': environment('dev'),
      'apps/shop/app.yaml': application('shop'),
      'clusters/eu-1.yaml': cluster('eu-1', 'canary'),
    });
    await run();
    const read = () => database.db.selectFrom('clusters').selectAll().executeTakeFirstOrThrow();
    expect(await read()).toMatchObject({
      declared_labels: { ring: 'canary' },
      allow: { kinds: ['v1/ConfigMap'], namespaces: ['shop'] },
    });
    await push({ 'clusters/eu-1.yaml': null });
    expect(await run()).toEqual(['placement shop', 'promotion shop']);
    expect(await read()).toMatchObject({ declared_labels: null, allow: { kinds: ['v1/ConfigMap'] } });
  });
});

describe('sources on real loops', () => {
  it.each(['http', 'path'])('see a commit over %s by polling, without being told', async (kind) => {
    const [server, database, directory] = await Promise.all([
      startGitServer(),
      startTestDatabase(),
      mkdtemp(join(tmpdir(), 'fairway-sources-')),
    ]);
    const backend = await createPostgresBackend(database.address, true, log);
    const loops = createLoops({ backend, log, sweepEvery: 3_600_000 });
    const mirrors = createMirrors({ directory, log });
    const fleet = await server.createRepository('fleet');
    const sources = createSources({
      db: database.db,
      dataKey: createDataKey(new Uint8Array(32)),
      mirrors,
      loops,
      log,
      pollInterval: 200,
      fleet: { url: kind === 'http' ? fleet.url : fleet.path, branch: 'main', pinsBranch: 'fairway/pins' },
    });
    const released: string[] = [];
    for (const name of ['release', 'placement', 'check'] as const) {
      const reconcile = async (key: string) => void released.push(`${name} ${key}`) as undefined;
      loops.define({ name, concurrency: 1, keys: async () => [], reconcile });
    }
    loops.define(sources.loop);
    try {
      await fleet.commit({ 'environments/dev.yaml': environment('dev') });
      await fleet.push();
      await loops.start();
      await sources.start();
      const other = await server.createRepository('other');
      await other.commit({ 'shop/app.yaml': application('shop') });
      await other.push();
      await fleet.commit({ 'sources/other.yaml': source('other', other.url) });
      await fleet.push();
      await until(() => released.includes('release shop'), { what: 'the declared source is taken' });
      released.length = 0;
      await other.commit({ 'shop/web.yaml': 'a: 1\n' });
      await other.push();
      await until(() => released.includes('release shop'), { what: 'a change of the declared source is taken' });
    } finally {
      await sources.stop();
      await loops.stop();
      await mirrors.close();
      await Promise.all([database.stop(), server.stop(), rm(directory, { recursive: true, force: true })]);
    }
  });
});
