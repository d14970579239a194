import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { branchRef } from './branch.ts';
import { gitError } from './failure.ts';

/**
 * The commit at a branch of a repository on this machine, read from its files: half a millisecond, where a process
 * costs ten. Bare and not, and work trees whose `.git` is a file.
 * @returns null where its refs are kept in a form that only the `git` program reads
 * @throws FairwayError `branch-missing`, `git-unreachable` where there is no repository
 */
export async function pathHead(path: string, branch: string): Promise<string | null> {
  const directory = await commonDirectory(path);
  if (await exists(join(directory, 'reftable'))) return null;
  let ref = branchRef(branch);
  // A branch may be a symbolic ref to another; Git itself follows five.
  for (let hops = 0; hops < 5; hops++) {
    const value = (await text(join(directory, ref))) ?? (await packedRef(directory, ref));
    if (value === null) break;
    const symbolic = /^ref: (refs\/heads\/\S+)$/.exec(value)?.[1];
    if (symbolic === undefined) return /^[0-9a-f]{40,64}$/.test(value) ? value : null;
    ref = branchRef(symbolic.slice('refs/heads/'.length));
  }
  throw gitError('branch-missing', `${path} has no branch ${branch}`);
}

/** Where the refs of a repository stand, whatever kind of work tree the path is. */
async function commonDirectory(path: string): Promise<string> {
  const dotGit = join(path, '.git');
  const pointer = /^gitdir: (.+)$/.exec((await text(dotGit)) ?? '')?.[1];
  const candidates = pointer === undefined ? [dotGit, path] : [resolve(path, pointer)];
  for (const directory of candidates) {
    if (!(await exists(join(directory, 'HEAD')))) continue;
    const common = await text(join(directory, 'commondir'));
    return common === null ? directory : resolve(directory, common);
  }
  throw gitError('git-unreachable', `${path} is no Git repository`);
}

async function packedRef(directory: string, ref: string): Promise<string | null> {
  const packed = (await text(join(directory, 'packed-refs'))) ?? '';
  const line = packed.split('\n').find((entry) => entry.endsWith(` ${ref}`));
  return line?.slice(0, line.indexOf(' ')) ?? null;
}

async function text(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (thrown) {
    if (isAbsence(thrown)) return null;
    throw gitError('git-unreachable', `${path} cannot be read: ${(thrown as { code?: string }).code ?? 'error'}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (thrown) => {
      if (isAbsence(thrown)) return false;
      throw thrown;
    },
  );
}

function isAbsence(thrown: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes((thrown as { code?: string }).code ?? '');
}
