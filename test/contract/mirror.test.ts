import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials, Mirror, Mirrors } from '../../hub/sources/mirror.ts';
import { createMirrors } from '../../hub/sources/mirrors.ts';
import { createRepository, type TestRepository } from '../git/repository.ts';
import { startGitServer } from '../git/server.ts';
import { canServeSsh, startSshServer } from '../git/ssh-server.ts';

/** A kind of remote, as the suite needs it. */
interface Remote {
  readonly credentials: Credentials | null;
  readonly wrongCredentials: Credentials | null;
  createRepository(name: string): Promise<TestRepository>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

const log = pino({ level: 'silent' });
const text = (bytes: Uint8Array | null | undefined) => (bytes ? new TextDecoder().decode(bytes) : null);
const names = () => `r${randomBytes(4).toString('hex')}`;

const remotes: Record<string, () => Promise<Remote>> = {
  async http() {
    const basic = { username: 'hub', password: 'a-secret-word' };
    const server = await startGitServer({ basic });
    return {
      credentials: { type: 'basic', ...basic },
      wrongCredentials: { type: 'basic', username: 'hub', password: 'not-the-secret' },
      createRepository: server.createRepository,
      goAway: server.goAway,
      comeBack: server.comeBack,
      stop: server.stop,
    };
  },
  async path() {
    const root = await mkdtemp(join(tmpdir(), 'fairway-path-'));
    return {
      credentials: null,
      wrongCredentials: null,
      createRepository: (name) => createRepository(root, name),
      goAway: () => rename(root, `${root}-away`),
      comeBack: () => rename(`${root}-away`, root),
      stop: () => rm(root, { recursive: true, force: true }),
    };
  },
  async ssh() {
    const server = await startSshServer();
    const stranger = await startSshServer();
    await stranger.stop();
    return {
      credentials: { type: 'ssh', privateKey: server.privateKey, knownHosts: server.knownHosts },
      wrongCredentials: { type: 'ssh', privateKey: stranger.privateKey, knownHosts: server.knownHosts },
      createRepository: server.createRepository,
      goAway: server.goAway,
      comeBack: server.comeBack,
      stop: server.stop,
    };
  },
};

for (const [kind, start] of Object.entries(remotes)) {
  describe.skipIf(kind === 'ssh' && !(await canServeSsh()))(`a mirror of a remote over ${kind}`, () => {
    let remote: Remote;
    let mirrors: Mirrors;
    let directory: string;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
      mirrors = createMirrors({ directory, log });
      remote = await start();
    });
    afterAll(async () => {
      await mirrors?.close();
      await remote?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    const mirrorOf = (repository: TestRepository, credentials = remote.credentials, name = names()) =>
      mirrors.of({ name, url: repository.url, credentials });
    const fetchHead = async (mirror: Mirror, branch = 'main') => {
      const head = await mirror.remoteHead(branch);
      await mirror.fetch(head, branch);
      return head;
    };
    const withCommits = async (...commits: Record<string, string | null>[]) => {
      const repository = await remote.createRepository(names());
      for (const files of commits) await repository.commit(files, 'A change');
      await repository.push();
      return repository;
    };

    it('reads the head, its commit, trees and files', async () => {
      const repository = await withCommits({
        'apps/shop/app.yaml': 'kind: Application\n',
        'apps/shop/deep/er/web.yaml': 'a: 1\n',
        'apps/shop.yaml': 'x\n',
        'README.md': 'hello\n',
      });
      const mirror = await mirrorOf(repository);
      const head = await fetchHead(mirror);
      expect(head).toBe(await repository.head());
      expect(await mirror.has(head)).toBe(true);
      const commit = await mirror.commit(head);
      expect(commit).toMatchObject({ id: head, parents: [], author: 'Ada Example <ada@example.com>' });
      expect(commit.message).toBe('A change');
      expect(Math.abs(commit.committedAt - Date.now())).toBeLessThan(600_000);
      expect(text(await mirror.read(head, 'apps/shop/app.yaml'))).toBe('kind: Application\n');
      expect(await mirror.read(head, 'apps/none.yaml')).toBeNull();
      expect(await mirror.read(head, 'README.md/x')).toBeNull();
      expect((await mirror.list(head, 'apps'))?.map(({ name, type }) => `${name}:${type}`)).toEqual([
        'shop:tree',
        'shop.yaml:blob',
      ]);
      expect(await mirror.list(head, 'nowhere')).toBeNull();
      expect(await mirror.treeId(head, 'apps/shop')).toBe(await repository.git('rev-parse', 'HEAD:apps/shop'));
      expect(await mirror.treeId(head, '')).toBe(await repository.git('rev-parse', 'HEAD^{tree}'));
      expect(await mirror.treeId(head, 'nowhere')).toBeNull();
      const files = await mirror.files(head, 'apps');
      expect([...files.keys()]).toEqual(['apps/shop.yaml', 'apps/shop/app.yaml', 'apps/shop/deep/er/web.yaml']);
      expect([...(await mirror.files(head, '', { names: ['app.yaml'] })).keys()]).toEqual(['apps/shop/app.yaml']);
      expect([...(await mirror.files(head, '.', { endings: ['.md'] })).keys()]).toEqual(['README.md']);
      await expect(mirror.files(head, '', { maximumBytes: 5 })).rejects.toMatchObject({ code: 'tree-too-large' });
    });

    it('[G2] keeps the tree id of a folder that a commit did not touch', async () => {
      const repository = await withCommits({ 'a/x': '1', 'b/x': '1' });
      const mirror = await mirrorOf(repository);
      const before = await fetchHead(mirror);
      await repository.commit({ 'a/x': '2' });
      await repository.push();
      const after = await fetchHead(mirror);
      expect(await mirror.treeId(after, 'b')).toBe(await mirror.treeId(before, 'b'));
      expect(await mirror.treeId(after, 'a')).not.toBe(await mirror.treeId(before, 'a'));
    });

    it('[G7] says that a new head descends from the one before, and a rewritten one does not', async () => {
      const repository = await withCommits({ x: '0' }, { x: '1' }, { x: '2' });
      const mirror = await mirrorOf(repository);
      const first = await fetchHead(mirror);
      expect(await mirror.descends(first, first)).toBe(true);
      for (const x of ['3', '4', '5']) await repository.commit({ x });
      await repository.push();
      const second = await fetchHead(mirror);
      expect(await mirror.descends(second, first)).toBe(true);
      expect(await mirror.descends(first, second)).not.toBe(true);

      await repository.forcePush({ x: 'rewritten' }, { commits: 2 });
      const rewritten = await fetchHead(mirror);
      expect(await mirror.descends(rewritten, second)).toBe(false);
      expect(await mirror.descends(rewritten, first)).toBe(true);
      await repository.forcePush({ x: 'rewritten before the first fetch' }, { commits: 4 });
      const older = await fetchHead(mirror);
      expect(await mirror.descends(older, first)).not.toBe(true);
      expect(text(await mirror.read(second, 'x'))).toBe('5');
    });

    it('[G7] follows the merge of a branch that began before the first fetch', async () => {
      const repository = await withCommits({ x: '0' }, { x: '1' });
      await repository.git('branch', 'old', 'HEAD~1');
      const mirror = await mirrorOf(repository);
      const first = await fetchHead(mirror);
      await repository.commit({ y: '1' }, 'On the side', 'old');
      await repository.git('checkout', '--quiet', 'main');
      await repository.git('merge', '--quiet', '--no-edit', 'old');
      await repository.push();
      const merged = await fetchHead(mirror);
      expect(await mirror.descends(merged, first)).toBe(true);
      expect(text(await mirror.read(merged, 'y'))).toBe('1');
    });

    it('[G7] follows a commit whose clock was years slow', async () => {
      const repository = await withCommits({ x: '0' }, { x: '1' });
      const mirror = await mirrorOf(repository);
      const first = await fetchHead(mirror);
      await repository.commit({ x: '2' });
      const tree = await repository.git('rev-parse', 'HEAD^{tree}');
      const raw = `tree ${tree}\nparent ${first}\nauthor A <a@b> 946684800 +0000\ncommitter A <a@b> 946684800 +0000\n\nslow clock\n`;
      await writeFile(join(repository.workTree, '.git', 'slow'), raw);
      const slow = await repository.git('hash-object', '-t', 'commit', '-w', join('.git', 'slow'));
      await repository.git('push', '--quiet', 'origin', `${slow}:refs/heads/main`);
      expect(await fetchHead(mirror)).toBe(slow);
      expect(await mirror.descends(slow, first)).toBe(true);
    });

    it('fetches a commit that no branch points at, for a pin', async () => {
      const repository = await withCommits({ x: '0' });
      const pinned = await repository.head();
      for (const x of ['1', '2', '3']) await repository.commit({ x });
      await repository.push();
      const mirror = await mirrorOf(repository);
      const head = await fetchHead(mirror);
      await mirror.fetch(pinned, 'main');
      expect(text(await mirror.read(pinned, 'x'))).toBe('0');
      expect(text(await mirror.read(head, 'x'))).toBe('3');
      await repository.commit({ x: '4' });
      await repository.push();
      expect(await mirror.descends(await fetchHead(mirror), head)).toBe(true);
    });

    it('fetches nothing where nothing is new', async () => {
      const repository = await withCommits({ x: '0' });
      const name = names();
      const mirror = await mirrorOf(repository, remote.credentials, name);
      const head = await fetchHead(mirror);
      const folder = (await readdir(directory)).find((entry) => entry.startsWith(name)) ?? '';
      const objects = async () => (await readdir(join(directory, folder, 'objects'), { recursive: true })).sort();
      const before = await objects();
      await remote.goAway();
      await mirror.fetch(head, 'main');
      await remote.comeBack();
      await fetchHead(mirror);
      expect(await objects()).toEqual(before);
      // And a small commit brings little, however large the repository.
      await repository.commit({ big: randomBytes(400_000).toString('hex') });
      await repository.push();
      await fetchHead(mirror);
      const sizeOf = async () => {
        const sizes = (await objects()).map(
          async (file) => (await stat(join(directory, folder, 'objects', file))).size,
        );
        return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      };
      const large = await sizeOf();
      await repository.commit({ small: '1' });
      await repository.push();
      await fetchHead(mirror);
      expect((await sizeOf()) - large).toBeLessThan(100_000);
    });

    it('serves what it has when it is opened again, with no remote', async () => {
      const repository = await withCommits({ x: '0' });
      const name = names();
      const head = await fetchHead(await mirrorOf(repository, remote.credentials, name));
      const others = createMirrors({ directory, log });
      const mirror = await others.of({ name, url: repository.url, credentials: remote.credentials });
      expect(text(await mirror.read(head, 'x'))).toBe('0');
      await others.close();
    });

    it('keeps branches apart, pins on an orphan branch among them', async () => {
      const repository = await withCommits({ x: '0' });
      const mirror = await mirrorOf(repository);
      await fetchHead(mirror);
      await expect(mirror.remoteHead('fairway/pins')).rejects.toMatchObject({ code: 'branch-missing' });
      await repository.commit({ 'pins/prod/shop.yaml': 'p1' }, 'Pin', 'fairway/pins');
      await repository.push('fairway/pins');
      const first = await fetchHead(mirror, 'fairway/pins');
      await repository.commit({ 'pins/prod/shop.yaml': 'p2' }, 'Pin', 'fairway/pins');
      await repository.push('fairway/pins');
      const second = await fetchHead(mirror, 'fairway/pins');
      expect(await mirror.descends(second, first)).toBe(true);
      expect(text(await mirror.read(second, 'pins/prod/shop.yaml'))).toBe('p2');
      // A pins' branch that starts at the head of main is there already.
      await repository.git('checkout', '--quiet', '-B', 'pins-of-main', 'main');
      await repository.push('pins-of-main');
      const start = await fetchHead(mirror, 'pins-of-main');
      await repository.commit({ 'pins/a': '1' }, 'Pin', 'pins-of-main');
      await repository.push('pins-of-main');
      expect(await mirror.descends(await fetchHead(mirror, 'pins-of-main'), start)).toBe(true);
    });

    it('says which branch or commit is missing', async () => {
      const repository = await withCommits({ x: '0' });
      await repository.commit({ x: '1' }, 'Elsewhere', 'main2');
      await repository.push('main2');
      const mirror = await mirrorOf(repository);
      await fetchHead(mirror);
      await expect(mirror.remoteHead('mai')).rejects.toMatchObject({ code: 'branch-missing' });
      await expect(mirror.remoteHead('--upload-pack=x')).rejects.toMatchObject({ code: 'branch-invalid' });
      await expect(mirror.remoteHead('../../x')).rejects.toMatchObject({ code: 'branch-invalid' });
      const vanished = 'deadbeef'.repeat(5);
      await expect(mirror.fetch(vanished, 'main')).rejects.toMatchObject({ code: 'commit-missing' });
      await expect(mirror.fetch('--upload-pack=x', 'main')).rejects.toMatchObject({ code: 'commit-missing' });
      await expect(mirror.commit(vanished)).rejects.toMatchObject({ code: 'commit-missing' });
      expect(await mirror.has(vanished)).toBe(false);
    });

    it('follows neither links nor submodules', async () => {
      const repository = await withCommits({ 'app/real.yaml': 'a: 1\n' });
      await symlink('/etc/passwd', join(repository.workTree, 'app', 'link.yaml'));
      await repository.git('update-index', '--add', '--cacheinfo', `160000,${await repository.head()},app/module`);
      await repository.git('add', 'app/link.yaml');
      await repository.git('commit', '--quiet', '--message', 'Odd entries');
      await repository.push();
      const mirror = await mirrorOf(repository);
      const head = await fetchHead(mirror);
      expect((await mirror.list(head, 'app'))?.map(({ name, type }) => `${name}:${type}`).sort()).toEqual([
        'link.yaml:link',
        'module:commit',
        'real.yaml:blob',
      ]);
      expect([...(await mirror.files(head, '')).keys()]).toEqual(['app/real.yaml']);
      expect(await mirror.read(head, 'app/link.yaml')).toBeNull();
      expect(await mirror.read(head, 'app/module')).toBeNull();
      expect(await mirror.list(head, 'app/module')).toBeNull();
    });

    it('reads a repository of 5,000 files', async () => {
      const files: Record<string, string> = {};
      for (let n = 0; n < 5000; n++) files[`apps/a${n % 250}/f${n}.yaml`] = `n: ${n}\n`;
      const repository = await withCommits(files);
      const mirror = await mirrorOf(repository);
      const head = await fetchHead(mirror);
      const read = await mirror.files(head, '');
      expect(read.size).toBe(5000);
      expect(text(read.get('apps/a7/f7.yaml'))).toBe('n: 7\n');
      const ids = await Promise.all(Array.from({ length: 250 }, (_, n) => mirror.treeId(head, `apps/a${n}`)));
      expect(new Set(ids).size).toBe(250);
    });

    it('serialises fetches of one mirror that are asked for at once', async () => {
      const repository = await withCommits({ x: '0' });
      const pinned = await repository.head();
      await repository.commit({ x: '1' });
      await repository.push();
      const mirror = await mirrorOf(repository);
      const head = await mirror.remoteHead('main');
      await Promise.all([mirror.fetch(head, 'main'), mirror.fetch(pinned, 'main'), mirror.fetch(head, 'main')]);
      expect(await mirror.has(head)).toBe(true);
      expect(await mirror.has(pinned)).toBe(true);
    });

    it('[G8] says that a remote is away, and goes on when it is back', async () => {
      const repository = await withCommits({ x: '0' });
      const mirror = await mirrorOf(repository);
      const head = await fetchHead(mirror);
      await repository.commit({ x: '1' });
      await repository.push();
      const next = await repository.head();
      await remote.goAway();
      await expect(mirror.remoteHead('main')).rejects.toMatchObject({ code: 'git-unreachable', retry: 'again' });
      await expect(mirror.fetch(next, 'main')).rejects.toMatchObject({ code: 'git-unreachable' });
      expect(text(await mirror.read(head, 'x'))).toBe('0');
      await remote.comeBack();
      expect(text(await mirror.read(await fetchHead(mirror), 'x'))).toBe('1');
    });

    it('reports a repository that is not there', async () => {
      const repository = await withCommits({ x: '0' });
      const mirror = await mirrors.of({
        name: names(),
        url: `${repository.url}-gone`,
        credentials: remote.credentials,
      });
      await expect(mirror.remoteHead('main')).rejects.toMatchObject({ code: expect.stringMatching(/^git-/) });
    });

    // A path asks nobody who they are.
    if (kind === 'path') return;
    it('reads no settings of a repository that the hub was started in', async () => {
      const repository = await withCommits({ x: '0' });
      const started = await remote.createRepository(names());
      for (const elsewhere of ['ssh://', '/', 'http://']) {
        await started.git('config', '--add', 'url.https://attacker.example/.insteadOf', elsewhere);
      }
      const before = process.cwd();
      process.chdir(started.workTree);
      try {
        const mirror = await mirrorOf(repository);
        await expect(fetchHead(mirror)).resolves.toBe(await repository.head());
      } finally {
        process.chdir(before);
      }
    });

    it('[A11] refuses wrong credentials and shows none', async () => {
      const repository = await withCommits({ x: '0' });
      for (const credentials of [remote.wrongCredentials, null]) {
        const mirror = await mirrorOf(repository, credentials);
        const refusal = await mirror.remoteHead('main').catch((thrown: unknown) => thrown);
        expect(refusal).toMatchObject({ code: 'git-refused' });
        expect(`${(refusal as Error).stack}`).not.toMatch(/not-the-secret|PRIVATE KEY/);
      }
    });
  });
}

describe('a mirror over http', () => {
  it('merges the packs that many small fetches leave, and reads all of them', async () => {
    const server = await startGitServer();
    const directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
    const mirrors = createMirrors({ directory, log });
    try {
      const repository = await server.createRepository('r');
      const mirror = await mirrors.of({ name: 'r', url: repository.url, credentials: null });
      const heads: string[] = [];
      for (let n = 0; n < 45; n++) {
        heads.push(await repository.commit({ x: `${n}`, [`folder/${n}`]: `${n}` }));
        await repository.push();
        await mirror.fetch(await mirror.remoteHead('main'), 'main');
      }
      const [folder = ''] = await readdir(directory);
      const packs = (await readdir(join(directory, folder, 'objects', 'pack'))).filter((name) =>
        name.endsWith('.pack'),
      );
      expect(packs.length).toBeLessThan(40);
      for (const [n, head] of heads.entries()) expect(text(await mirror.read(head, 'x'))).toBe(`${n}`);
      const others = createMirrors({ directory, log });
      const again = await others.of({ name: 'r', url: repository.url, credentials: null });
      expect((await again.files(heads.at(-1) ?? '', 'folder')).size).toBe(45);
      expect(await again.descends(heads.at(-1) ?? '', heads[0] ?? '')).toBe(true);
      await others.close();
    } finally {
      await mirrors.close();
      await Promise.all([server.stop(), rm(directory, { recursive: true, force: true })]);
    }
  });

  it('[X1] is whole again after a hub that was killed while it made one', async () => {
    const server = await startGitServer();
    const directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
    try {
      const repository = await server.createRepository('r');
      const head = await repository.commit({ x: '1' });
      await repository.push();
      const source = { name: 'r', url: repository.url, credentials: null };
      const first = createMirrors({ directory, log });
      await first.of(source);
      await first.close();
      const [folder = ''] = await readdir(directory);
      await rm(join(directory, folder, 'HEAD'));
      await writeFile(join(directory, folder, 'shallow.lock'), '');
      const second = createMirrors({ directory, log });
      const mirror = await second.of(source);
      await mirror.fetch(head, 'main');
      expect(text(await mirror.read(head, 'x'))).toBe('1');
      await second.close();
    } finally {
      await Promise.all([server.stop(), rm(directory, { recursive: true, force: true })]);
    }
  });

  it('uses a name and password that stand in the URL, and never follows a redirect to another host with them', async () => {
    const basic = { username: 'hub', password: 'a-secret-word' };
    const [server, thief] = await Promise.all([startGitServer({ basic }), startGitServer()]);
    const directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
    const mirrors = createMirrors({ directory, log });
    try {
      const repository = await server.createRepository('r');
      const head = await repository.commit({ x: '1' });
      await repository.push();
      const url = repository.url.replace('http://', 'http://hub:a-secret-word@');
      const mirror = await mirrors.of({ name: 'r', url, credentials: null });
      expect(await mirror.remoteHead('main')).toBe(head);
      server.redirect(thief.url);
      const refusal = await mirror.remoteHead('main').catch((thrown: unknown) => thrown);
      expect(refusal).toMatchObject({ code: 'git-refused' });
      expect((refusal as Error).message).not.toContain('a-secret-word');
      expect(thief.requests).toEqual([]);
      const anonymous = await mirrors.of({ name: 'anonymous', url: repository.url, credentials: null });
      await cp(repository.path, join(thief.root, 'r.git'), { recursive: true });
      expect(await anonymous.remoteHead('main')).toBe(head);
      await anonymous.fetch(head, 'main');
      expect(text(await anonymous.read(head, 'x'))).toBe('1');
    } finally {
      await mirrors.close();
      await Promise.all([server.stop(), thief.stop(), rm(directory, { recursive: true, force: true })]);
    }
  });
});

describe('a mirror of a path', () => {
  it('is refused in the hub’s own data, where the repositories of others lie', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
    const mirrors = createMirrors({ directory: join(directory, 'mirrors'), log });
    try {
      const repository = await createRepository(directory, 'r');
      await repository.commit({ x: '1' });
      await repository.push();
      await mirrors.of({ name: 'theirs', url: repository.path, credentials: null });
      const [theirs = ''] = await readdir(join(directory, 'mirrors'));
      await symlink(join(directory, 'mirrors'), join(directory, 'elsewhere'));
      for (const url of [join(directory, 'mirrors', theirs), `file://${join(directory, 'elsewhere', theirs)}`]) {
        await expect(mirrors.of({ name: 'mine', url, credentials: null })).rejects.toMatchObject({
          code: 'source-url-invalid',
          field: 'spec.url',
        });
      }
    } finally {
      await mirrors.close();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('reads heads of work trees, linked ones, packed and symbolic refs without a process', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fairway-mirror-'));
    const mirrors = createMirrors({ directory: join(directory, 'mirrors'), log });
    try {
      const repository = await createRepository(directory, 'r');
      const head = await repository.commit({ x: '1' });
      await repository.push();
      await repository.git('worktree', 'add', '--quiet', join(directory, 'linked'), '-b', 'side');
      for (const path of [repository.workTree, join(directory, 'linked'), `file://${repository.path}`]) {
        const mirror = await mirrors.of({ name: names(), url: path, credentials: null });
        expect(await mirror.remoteHead('main')).toBe(head);
        await mirror.fetch(head, 'main');
        expect(text(await mirror.read(head, 'x'))).toBe('1');
      }
      await repository.git('pack-refs', '--all');
      await repository.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
      const mirror = await mirrors.of({ name: names(), url: repository.workTree, credentials: null });
      expect(await mirror.remoteHead('main')).toBe(head);
      expect(await mirror.remoteHead('alias')).toBe(head);
      const nowhere = await mirrors.of({ name: names(), url: join(directory, 'nowhere'), credentials: null });
      await expect(nowhere.remoteHead('main')).rejects.toMatchObject({ code: 'git-unreachable' });
    } finally {
      await mirrors.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
