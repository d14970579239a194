import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Loops } from '../../hub/queue/loops.ts';
import type { Mirrors } from '../../hub/sources/mirror.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createSources, type Sources } from '../../hub/sources/service.ts';
import { createDataKey } from '../../hub/store/data-key.ts';
import { noSpans } from '../../telemetry/spans.ts';
import { startTestDatabase, type TestDatabase } from '../database.ts';
import type { TestRepository } from '../git/repository.ts';
import { gitEnvironment } from '../git/run.ts';
import { type GitServer, startGitServer } from '../git/server.ts';

const log = pino({ level: 'silent' });
const dev = 'apiVersion: fairway.dev/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {clusters: {}}\n';
const application = (name: string) =>
  `apiVersion: fairway.dev/v1\nkind: Application\nmetadata: {name: ${name}}\nspec: {environments: [dev]}\n`;
const source = (name: string, url: string) =>
  `apiVersion: fairway.dev/v1\nkind: Source\nmetadata: {name: ${name}}\nspec: {url: "${url}"}\n`;

/** What somebody who may push can put into a repository, with Git's own tools or by hand. */
describe('[G6] a repository of somebody who means harm', () => {
  let server: GitServer;
  let directory: string;
  let database: TestDatabase;
  let mirrors: Mirrors;
  let sources: Sources;
  let fleet: TestRepository;
  const loops: Loops = {
    define: () => undefined,
    wake: async () => undefined,
    start: async () => undefined,
    answers: async () => undefined,
    stop: async () => undefined,
  };

  beforeAll(async () => {
    [server, directory] = await Promise.all([startGitServer(), mkdtemp(join(tmpdir(), 'fairway-hostile-'))]);
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
    sources = createSources({
      db: database.db,
      dataKey: createDataKey(new Uint8Array(32).fill(7)),
      mirrors,
      loops,
      log,
      pollInterval: 3_600_000,
      fleet: { url: fleet.url, branch: 'main', pinsBranch: 'fairway/pins' },
    });
    await sources.start();
    await push({ 'environments/dev.yaml': dev, 'apps/shop/app.yaml': application('shop') });
    await run();
    return async () => {
      await sources.stop();
      await mirrors.close();
      await database.stop();
    };
  });

  const run = () => sources.loop.reconcile('fleet', { signal: new AbortController().signal, log, span: noSpans.open });
  const push = async (files: Record<string, string | null>) => {
    const commit = await fleet.commit(files);
    await fleet.push();
    return commit;
  };
  /** Runs git in the work tree with bytes on its standard input; resolves to what it wrote. */
  const git = (input: string | Buffer, ...commandLine: string[]) =>
    new Promise<string>((resolve, reject) => {
      const child = execFile('git', commandLine, { cwd: fleet.workTree, env: gitEnvironment }, (error, stdout) =>
        error === null ? resolve(stdout.trim()) : reject(error),
      );
      // A command that reads nothing may be over before this is written.
      child.stdin?.on('error', () => undefined).end(input);
    });
  const tree = (...entries: string[]) => git(entries.map((entry) => `${entry}\0`).join(''), 'mktree', '-z');
  /** Makes a commit of which Git checks nothing the head. */
  const pushByHand = async (text: (tree: string, parent: string) => string) => {
    const [root, parent] = await Promise.all([git('', 'rev-parse', 'HEAD^{tree}'), git('', 'rev-parse', 'HEAD')]);
    const commit = await git(text(root, parent), 'hash-object', '-t', 'commit', '-w', '--stdin', '--literally');
    await git('', 'update-ref', 'refs/heads/main', commit);
    await fleet.push();
    return commit;
  };
  const row = () => database.db.selectFrom('sources').selectAll().where('name', '=', 'fleet').executeTakeFirstOrThrow();
  const names = async () =>
    (await database.db.selectFrom('applications').select('name').orderBy('name').execute()).map(({ name }) => name);
  const problems = () => database.db.selectFrom('problems').selectAll().orderBy('id').execute();

  it.each([
    ['a NUL in its message', 'author A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nhello\0world'],
    ['a time that no calendar has', 'author A <a@b> 99999999999999 +0000\ncommitter A <a@b> 99999999999999 +0000\n\nx'],
    ['a time before all others', 'author A <a@b> -999999999999 +0000\ncommitter A <a@b> -999999999999 +0000\n\nx'],
    ['an author without a time', 'author A <a@b>\ncommitter A <a@b>\n\nx'],
    ['an author that is none', 'author nobody\ncommitter nobody\n\nx'],
    ['no author', '\nx'],
  ])('takes a commit with %s like any other', async (_what, rest) => {
    const commit = await pushByHand((root, parent) => `tree ${root}\nparent ${parent}\n${rest}`);
    await run();
    expect(await row()).toMatchObject({ head: commit, error_code: null });
  });

  it('takes file names with a backslash or a line break, and all else beside them', async () => {
    await push({ 'apps/shop/dev-disk\\x2dlabel.swap': 'x', 'apps/a\nb/app.yaml': application('odd') });
    await run();
    expect((await row()).error_code).toBeNull();
    expect(await names()).toEqual(['odd', 'shop']);
  });

  it('[L7] refuses trees that stand for millions of files, says so, and keeps what is in force', async () => {
    const blob = await git('x', 'hash-object', '-w', '--stdin');
    let bomb = await tree(...Array.from({ length: 10 }, (_, index) => `100644 blob ${blob}\tf${index}`));
    for (let depth = 0; depth < 8; depth++) {
      bomb = await tree(...Array.from({ length: 10 }, (_, index) => `040000 tree ${bomb}\td${index}`));
    }
    const root = await tree(`040000 tree ${await tree(`040000 tree ${bomb}\tbomb`)}\tapps`);
    const before = (await row()).head;
    await pushByHand(
      (_, parent) => `tree ${root}\nparent ${parent}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx`,
    );
    await run();
    expect(await row()).toMatchObject({ head: before, error_code: 'tree-too-large' });
    expect(await names()).toEqual(['shop']);
    const mended = await push({ 'apps/shop/readme.md': 'all is well again' });
    await run();
    expect(await row()).toMatchObject({ head: mended, error_code: null });
  });

  it('[L7] refuses a file of zeros that a megabyte of a pack stands for, and keeps what is in force', async () => {
    const before = (await row()).head;
    await writeFile(join(fleet.workTree, 'zeros.yaml'), Buffer.alloc(300 * 1024 * 1024));
    await push({});
    const memory = process.memoryUsage().rss;
    await run();
    expect(await row()).toMatchObject({ head: before, error_code: 'tree-too-large' });
    expect(process.memoryUsage().rss - memory).toBeLessThan(200 * 1024 * 1024);
  });

  it('a source with a URL that cannot be used harms no other declaration', async () => {
    await push({
      'sources/a.yaml': source('a', 'file:///a%2Fb'),
      'sources/b.yaml': source('b', 'file:///a%00b'),
      'environments/prod.yaml': dev.replace('dev}', 'prod}'),
    });
    await run();
    expect((await problems()).map(({ file, code }) => `${file} ${code}`)).toEqual([
      'sources/a.yaml source-url-invalid',
      'sources/b.yaml source-url-invalid',
    ]);
    const declared = await database.db.selectFrom('declarations').select('name').orderBy('name').execute();
    expect(declared.map(({ name }) => name)).toEqual(['dev', 'prod']);
  });

  it('takes seven thousand applications in one commit, with their ledger rows', async () => {
    const files = Array.from({ length: 7_000 }, (_, index) => [`apps/a${index}/app.yaml`, application(`a${index}`)]);
    await push(Object.fromEntries(files));
    await run();
    expect(await names()).toHaveLength(7_001);
    const rows = await database.db
      .selectFrom('ledger')
      .select('id')
      .where('action', '=', 'application.appear')
      .execute();
    expect(rows).toHaveLength(7_001);
  });

  it('repeats no more of a file in its problems than people read', async () => {
    await push({ 'environments/long.yaml': `kind: ${'K'.repeat(1_000_000)}\n${'f'.repeat(500)}: 1\n` });
    await run();
    const [problem] = await problems();
    expect(problem?.code).toBe('kind-unknown');
    expect(problem?.message.length).toBeLessThanOrEqual(2_000);
  });

  it('keeps a thousand of many problems, counts the others, and takes what is good', async () => {
    const broken = Array.from({ length: 120 }, (_, index) => [
      `environments/bad-${index}.yaml`,
      Array.from({ length: 60 }, (_, kind) => `kind: Nope${kind}\n---\n`).join(''),
    ]);
    await push({ ...Object.fromEntries(broken), 'apps/new/app.yaml': application('new') });
    await run();
    const all = await problems();
    expect(all).toHaveLength(1_001);
    expect(all.at(-1)).toMatchObject({ code: 'problems-unlisted', message: '6200 more problems are not listed' });
    expect(await names()).toEqual(['new', 'shop']);
  });
});
