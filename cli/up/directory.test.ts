import { mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDirectory, emptyDirectory, layOut, openLog } from './directory.ts';

describe('the directory of `fairway up`', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairway-up-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is a new one, an empty one, or one that was taken before', async () => {
    expect(await claimDirectory(layOut(join(folder, 'new')), 'three-clusters')).toBe('three-clusters');
    expect(await claimDirectory(layOut(folder), 'first-fleet').catch(({ code }) => code)).toBe('up-directory-foreign');
    await rm(join(folder, 'new'), { recursive: true });
    expect(await claimDirectory(layOut(folder), 'first-fleet')).toBe('first-fleet');
    expect(await claimDirectory(layOut(folder), 'three-clusters')).toBe('first-fleet');
  });

  it('is never one that holds something else', async () => {
    await writeFile(join(folder, 'thesis.tex'), 'precious');
    const refusal = { code: 'up-directory-foreign', field: '--data-dir' };
    await expect(claimDirectory(layOut(folder), 'three-clusters')).rejects.toMatchObject(refusal);
    expect(await readdir(folder)).toEqual(['thesis.tex']);
  });

  it('is emptied of what is its own, and of nothing else', async () => {
    const directory = layOut(folder);
    await claimDirectory(directory, 'three-clusters');
    for (const own of [directory.hub, directory.fleet, directory.cluster('dev-1'), directory.agent('dev-1')]) {
      await mkdir(own, { recursive: true });
    }
    await writeFile(join(folder, 'notes.txt'), 'of somebody');
    await emptyDirectory(directory, 'first-fleet');
    expect((await readdir(folder)).sort()).toEqual(['notes.txt', 'up.json']);
    expect(await claimDirectory(directory, 'three-clusters')).toBe('first-fleet');
  });

  it('begins a log anew once it has grown long', async () => {
    const directory = layOut(folder);
    const file = await openLog(directory, 'hub');
    await writeFile(file, 'line\n');
    expect(await openLog(directory, 'hub')).toBe(file);
    await truncate(file, 11 << 20);
    await openLog(directory, 'hub');
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await stat(`${file}.old`)).size).toBe(11 << 20);
  });
});
