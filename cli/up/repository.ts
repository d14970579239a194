import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FairwayError } from '../../core/errors.ts';
import { git } from './git.ts';

/**
 * Makes the fleet repository out of an example, once: what was committed since stays. It has a work tree, in which a
 * person edits and commits; and it takes pushes, which change the work tree as well.
 * @param example the name of a folder in `examples/`
 * @throws FairwayError `git-missing`, `git-failed`, `example-missing`
 */
export async function prepareRepository(folder: string, example: string): Promise<void> {
  if (existsSync(join(folder, '.git'))) return;
  // Made beside its place and moved there, so that a start that was killed leaves no half of it.
  const unfinished = `${folder}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(findExample(example), unfinished, { recursive: true });
  await git(unfinished, 'init', '--quiet');
  await git(unfinished, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  await git(unfinished, 'config', 'receive.denyCurrentBranch', 'updateInstead');
  await introduce(unfinished);
  await git(unfinished, 'add', '--all');
  await git(unfinished, ...quiet, 'commit', '--quiet', '--message', 'The fleet begins');
  await rename(unfinished, folder);
}

/** Whatever signs or checks commits on this machine is not for this one. */
const quiet = ['-c', 'commit.gpgSign=false', '-c', 'core.hooksPath=/dev/null'];

/** Where git does not know who commits, commits of this repository are made by "You", so that the first one works. */
async function introduce(folder: string): Promise<void> {
  const known = await git(folder, 'config', 'user.email').then(
    () => true,
    () => false,
  );
  if (known) return;
  await git(folder, 'config', 'user.name', 'You');
  await git(folder, 'config', 'user.email', 'you@localhost');
}

/** @throws FairwayError `example-missing` */
function findExample(name: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const example = join(folder, 'examples', name);
    if (existsSync(example)) return example;
  }
  throw new FairwayError('example-missing', `the example fleet is not there: examples/${name}`, {
    remedy: 'run `fairway up` from a checkout of Fairway',
  });
}
