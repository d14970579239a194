import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git } from './git.ts';
import { prepareRepository } from './repository.ts';

describe('the fleet repository of `fairway up`', () => {
  let folder: string;
  let fleet: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairway-up-repository-'));
    fleet = join(folder, 'fleet');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is the example in one commit on main, and keeps what was committed since', async () => {
    await prepareRepository(fleet, 'three-clusters');
    expect(await git(fleet, 'log', '--format=%s', 'main')).toBe('The fleet begins');
    expect(await git(fleet, 'status', '--porcelain')).toBe('');
    await git(fleet, 'commit', '--quiet', '--allow-empty', '--message', 'Another');
    await prepareRepository(fleet, 'three-clusters');
    expect(await git(fleet, 'log', '--format=%s', '-1')).toBe('Another');
  });

  it('takes a push, which shows in its work tree', async () => {
    await prepareRepository(fleet, 'three-clusters');
    const clone = join(folder, 'clone');
    await git(folder, 'clone', '--quiet', fleet, clone);
    await writeFile(join(clone, 'README.md'), 'Hello\n');
    await git(clone, 'add', '.');
    await git(clone, '-c', 'user.name=You', '-c', 'user.email=you@localhost', 'commit', '--quiet', '-m', 'Say hello');
    await git(clone, 'push', '--quiet');
    expect(await readFile(join(fleet, 'README.md'), 'utf8')).toBe('Hello\n');
  });

  it('says so where the example is not there', async () => {
    await expect(prepareRepository(fleet, 'no-such-example')).rejects.toMatchObject({ code: 'example-missing' });
  });
});
