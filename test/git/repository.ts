import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { git } from './run.ts';

/** A bare repository to fetch from, and a work tree in which a test plays the people who commit to it. */
export interface TestRepository {
  /** Over HTTP where a server serves it, else the same as `path`. */
  readonly url: string;
  /** The bare repository's folder. */
  readonly path: string;
  /** The work tree's folder, itself a non-bare repository. */
  readonly workTree: string;
  /**
   * Writes files (`null` removes one), commits on a branch (main, if not named; made as an orphan where it does not
   * exist) and resolves to the commit. Nothing is pushed.
   */
  commit(files: Readonly<Record<string, string | null>>, message?: string, branch?: string): Promise<string>;
  /** Pushes a branch (main, if not named). */
  push(branch?: string): Promise<void>;
  /** Throws away the newest `commits` of a branch, adds a commit of `files`, and pushes by force. */
  forcePush(
    files: Readonly<Record<string, string | null>>,
    options?: { commits?: number; branch?: string },
  ): Promise<string>;
  /** Removes a branch from the bare repository. */
  removeBranch(branch: string): Promise<void>;
  /** The commit at a branch of the bare repository. */
  head(branch?: string): Promise<string>;
  /** Takes what others pushed to a branch into the work tree. */
  catchUp(branch: string): Promise<void>;
  /** A file at a branch of the bare repository; null where there is none. */
  show(branch: string, file: string): Promise<string | null>;
  /** Any other git command, in the work tree. */
  git(...commandLine: string[]): Promise<string>;
}

/** Makes `NAME.git` and a work tree of it below a folder. The first commit is the caller's. */
export async function createRepository(
  folder: string,
  name: string,
  urlOf: (path: string) => string = (path) => path,
): Promise<TestRepository> {
  const path = join(folder, `${name}.git`);
  const workTree = join(folder, 'work', name);
  await mkdir(workTree, { recursive: true });
  await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', path);
  await git(path, 'config', 'http.receivepack', 'true');
  await git(path, 'config', 'uploadpack.allowReachableSHA1InWant', 'true');
  await git(workTree, 'init', '--quiet', '--initial-branch=main');
  await git(workTree, 'config', 'gc.auto', '0');
  await git(workTree, 'remote', 'add', 'origin', path);

  const switchTo = async (branch: string) => {
    if ((await git(workTree, 'symbolic-ref', '--short', 'HEAD')) === branch) return;
    const exists = await git(workTree, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`).catch(() => '');
    if (exists !== '') return void (await git(workTree, 'checkout', '--quiet', branch));
    await git(workTree, 'checkout', '--quiet', '--orphan', branch);
    await git(workTree, 'rm', '-rf', '--quiet', '--ignore-unmatch', '.');
  };

  const repository: TestRepository = {
    url: urlOf(path),
    path,
    workTree,
    async commit(files, message = 'A change', branch = 'main') {
      await switchTo(branch);
      for (const [file, content] of Object.entries(files)) {
        const target = join(workTree, file);
        if (content === null) {
          await rm(target, { recursive: true });
        } else {
          await mkdir(dirname(target), { recursive: true });
          await writeFile(target, content);
        }
      }
      await git(workTree, 'add', '--all');
      await git(workTree, 'commit', '--quiet', '--allow-empty', '--message', message);
      return git(workTree, 'rev-parse', 'HEAD');
    },
    async push(branch = 'main') {
      await git(workTree, 'push', '--quiet', 'origin', `refs/heads/${branch}:refs/heads/${branch}`);
    },
    async forcePush(files, { commits = 1, branch = 'main' } = {}) {
      await switchTo(branch);
      await git(workTree, 'reset', '--quiet', '--hard', `HEAD~${commits}`);
      const commit = await repository.commit(files, 'History rewritten', branch);
      await git(workTree, 'push', '--quiet', '--force', 'origin', `refs/heads/${branch}:refs/heads/${branch}`);
      return commit;
    },
    async removeBranch(branch) {
      await git(path, 'update-ref', '-d', `refs/heads/${branch}`);
    },
    head: (branch = 'main') => git(path, 'rev-parse', `refs/heads/${branch}`),
    async catchUp(branch) {
      await git(workTree, 'fetch', '--quiet', 'origin', `+refs/heads/${branch}:refs/remotes/origin/${branch}`);
      const known = await git(workTree, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`).catch(() => '');
      if (known === '') await git(workTree, 'branch', '--quiet', branch, `refs/remotes/origin/${branch}`);
      await switchTo(branch);
      await git(workTree, 'merge', '--quiet', '--ff-only', `refs/remotes/origin/${branch}`);
    },
    show: (branch, file) => git(path, 'show', `refs/heads/${branch}:${file}`).catch(() => null),
    git: (...commandLine) => git(workTree, ...commandLine),
  };
  return repository;
}
