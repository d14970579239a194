import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { forgetPacks, repository } from './objects.ts';

/** Each fetch leaves a pack, and each read looks through all of them. */
const manyPacks = 40;
/** Bytes. Larger ones stay as they are: what is merged is written without deltas. */
const smallPack = 4 * 1024 * 1024;

/** Merges the small packs of a mirror into one, where there are many. Nothing may fetch into the mirror meanwhile. */
export async function compact(directory: string): Promise<void> {
  const folder = join(directory, 'objects', 'pack');
  const indexes = (await readdir(folder)).filter((name) => name.endsWith('.idx'));
  const packs = indexes.map((name) => name.slice(0, -'.idx'.length));
  const sizes = await Promise.all(packs.map(async (pack) => (await stat(join(folder, `${pack}.pack`))).size));
  const small = packs.filter((_, index) => (sizes[index] ?? 0) < smallPack);
  if (small.length < manyPacks) return;

  const listed = await Promise.all(small.map(async (pack) => objectsOf(await readFile(join(folder, `${pack}.idx`)))));
  const repo = await repository(directory);
  const { filename } = await git.packObjects({ ...repo, oids: [...new Set(listed.flat())], write: true });
  await git.indexPack({ ...repo, dir: directory, filepath: `objects/pack/${filename}` });
  for (const pack of small) {
    if (`${pack}.pack` === filename) continue;
    // The index first: a pack without one is only waste, an index without its pack is damage.
    await rm(join(folder, `${pack}.idx`), { force: true });
    await rm(join(folder, `${pack}.pack`), { force: true });
  }
  forgetPacks(directory);
}

/** The object ids in an index of version 2: after the magic number and a table of 256 counts, the last the total. */
function objectsOf(index: Buffer): string[] {
  const tableEnd = 8 + 256 * 4;
  const total = index.readUInt32BE(tableEnd - 4);
  return Array.from({ length: total }, (_, at) => {
    const start = tableEnd + at * 20;
    return index.toString('hex', start, start + 20);
  });
}
