import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import git, { type CommitObject, Errors } from 'isomorphic-git';
import type { TreeEntry } from '../mirror.ts';
import { disk } from './disk.ts';
import { gitError } from './failure.ts';
import { createLru } from './lru.ts';

/** Bytes of packs kept in memory, over all mirrors. */
const maximumPackBytes = 256 * 1024 * 1024;
/** Entries of trees kept in memory, over all mirrors: about 100 bytes each. */
const maximumTreeEntries = 250_000;
/** Packs that nobody read for this long leave memory, in milliseconds. */
const idle = 60_000;

/** The packs of each mirror as isomorphic-git keeps them: whole, in memory. */
const packs = createLru<{ readonly cache: object; usedAt: number }>(maximumPackBytes);
const commits = createLru<CommitObject>(20_000);
const trees = createLru<readonly TreeEntry[]>(maximumTreeEntries);
/** Small files, of which most stay as they are from commit to commit. */
const blobs = createLru<Uint8Array>(64 * 1024 * 1024);
const smallBlob = 64 * 1024;
const openDirectories = new Set<string>();

setInterval(() => {
  for (const directory of openDirectories) {
    const pack = packs.get(directory);
    if (pack === undefined || pack.usedAt < Date.now() - idle) forgetPacks(directory);
  }
}, idle).unref();

/** What isomorphic-git needs to read objects of a mirror. */
export interface Repository {
  readonly fs: typeof disk;
  readonly gitdir: string;
  readonly cache: object;
}

export async function repository(directory: string): Promise<Repository> {
  let pack = packs.get(directory);
  if (pack === undefined) {
    pack = { cache: {}, usedAt: Date.now() };
    packs.set(directory, pack, await packBytes(directory));
    openDirectories.add(directory);
  }
  pack.usedAt = Date.now();
  return { fs: disk, gitdir: directory, cache: pack.cache };
}

/** Its packs changed: they are read anew. */
export function forgetPacks(directory: string): void {
  packs.delete(directory);
  openDirectories.delete(directory);
}

/** @throws FairwayError `commit-missing` */
export async function readCommit(directory: string, oid: string): Promise<CommitObject> {
  const key = `${directory}:${oid}`;
  const known = commits.get(key);
  if (known !== undefined) return known;
  const { commit } = await present(directory, oid, (repo) => git.readCommit({ ...repo, oid }));
  commits.set(key, commit, 1);
  return commit;
}

/** @throws FairwayError `commit-missing` where the tree never came */
export async function readTree(directory: string, oid: string): Promise<readonly TreeEntry[]> {
  const key = `${directory}:${oid}`;
  const known = trees.get(key);
  if (known !== undefined) return known;
  const { tree } = await present(directory, oid, (repo) => git.readTree({ ...repo, oid }));
  const entries = tree
    .filter(({ path }) => isSafeName(path))
    .map(({ path, oid, type, mode }) => ({ name: path, id: oid, type: mode === '120000' ? 'link' : type }) as const);
  trees.set(key, entries, entries.length + 1);
  return entries;
}

/** A copy of its own, so that it can be handed to another thread. */
export async function readBlob(directory: string, oid: string): Promise<Uint8Array<ArrayBuffer>> {
  const key = `${directory}:${oid}`;
  const known = blobs.get(key);
  if (known !== undefined) return new Uint8Array(known);
  const { blob } = await present(directory, oid, (repo) => git.readBlob({ ...repo, oid }));
  // A view would hold the pack that it was cut from.
  if (blob.length <= smallBlob) blobs.set(key, new Uint8Array(blob), blob.length + key.length);
  return new Uint8Array(blob);
}

/** Names that Git's own checks refuse too: they would lead out of a folder that files are written to. */
function isSafeName(name: string): boolean {
  return name !== '.' && name !== '..' && !/^\.git$/i.test(name) && !/[/\\\0]/.test(name);
}

async function present<T>(
  directory: string,
  oid: string,
  read: (repo: Repository) => Promise<T>,
  isLast = false,
): Promise<T> {
  try {
    return await read(await repository(directory));
  } catch (thrown) {
    if (thrown instanceof Errors.NotFoundError || thrown instanceof Errors.ObjectTypeError) {
      throw gitError('commit-missing', `object ${oid} is not in the mirror`);
    }
    if (isLast || !(thrown instanceof Errors.InternalError)) throw thrown;
    // The pack was merged into another one meanwhile.
    forgetPacks(directory);
    return present(directory, oid, read, true);
  }
}

async function packBytes(directory: string): Promise<number> {
  const folder = join(directory, 'objects', 'pack');
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
