import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type BinaryPackage, findBinaryPackage, prepareBinaries } from './binaries.ts';

describe("PostgreSQL's programs", () => {
  const cleanups: string[] = [];
  afterEach(async () => {
    for (const path of cleanups.splice(0)) await rm(path, { recursive: true, force: true });
  });

  /** The package as a strict umask leaves it, and as npm unpacks it where it may run no script. */
  async function strictPackage(): Promise<{ found: BinaryPackage; data: string }> {
    const parent = await mkdtemp(join(tmpdir(), 'fairway-binaries-'));
    cleanups.push(parent);
    await chmod(parent, 0o700);
    const { root } = await findBinaryPackage();
    const strict = join(parent, 'package');
    const isLink = (path: string) => /\.so(\.\d+)?$/.test(path) && !path.includes('/postgresql/');
    await cp(join(root, 'native'), join(strict, 'native'), { recursive: true, filter: (path) => !isLink(path) });
    await chmod(join(strict, 'native', 'bin', 'postgres'), 0o700);
    const data = join(parent, 'data');
    await mkdir(data);
    return { found: { root: strict, version: `test-${randomBytes(4).toString('hex')}` }, data };
  }

  it('are used where npm put them, where that can be', async () => {
    const found = await findBinaryPackage();
    const { postgres } = await prepareBinaries(found, tmpdir());
    expect(postgres.endsWith('/bin/postgres')).toBe(true);
  });

  it('are copied once, with their links, from where only the owner can read them', async () => {
    const { found, data } = await strictPackage();
    const first = await prepareBinaries(found, data);
    cleanups.push(dirname(dirname(first.postgres)));
    expect(first.postgres.startsWith(found.root)).toBe(false);
    expect(await prepareBinaries(found, data)).toEqual(first);
  });

  it('say why they cannot be run', async () => {
    const { found, data } = await strictPackage();
    await rm(join(found.root, 'native', 'bin', 'postgres'));
    const refused = prepareBinaries(found, data);
    await expect(refused).rejects.toMatchObject({ code: 'postgres-unusable' });
    for (const parent of [data, '/var/cache/fairway', '/var/lib/fairway', tmpdir()]) {
      cleanups.push(join(parent, `postgresql-${found.version}`));
    }
  });
});
