import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import git, { Errors } from 'isomorphic-git';
import type { TreeEntry } from '../mirror.ts';
import { disk } from './disk.ts';
import { gitError } from './failure.ts';
import { createLru } from './lru.ts';
import { type ParsedCommit, parseCommit, parseTree } from './parse-objects.ts';

/** Bytes of packs kept in memory, over all mirrors. */
const maximumPackBytes = 256 * 1024 * 1024;
/** Entries of trees kept in memory, over all mirrors: about 100 bytes each. */
const maximumTreeEntries = 250_000;
/** Packs that nobody read for this long leave memory, in milliseconds. */
const idle = 60_000;

/** The packs of each mirror as isomorphic-git keeps them: whole, in memory. */
const packs = createLru<{ readonly cache: object; usedAt: number }>(maximumPackBytes);
const commits = createLru<ParsedCommit>(16 * 1024 * 1024);
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
export async function readCommit(directory: string, oid: string): Promise<ParsedCommit> {
  const key = `${directory}:${oid}`;
  const known = commits.get(key);
  if (known !== undefined) return known;
  const commit = parseCommit(await readContent(directory, oid, 'commit'));
  commits.set(key, commit, 500 + commit.message.length);
  return commit;
}

/** A commit's content as Git keeps it, a copy of its own. @throws FairwayError `commit-missing` */
export async function readRawCommit(directory: string, oid: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readContent(directory, oid, 'commit'));
}

/** @throws FairwayError `commit-missing` where the tree never came */
export async function readTree(directory: string, oid: string): Promise<readonly TreeEntry[]> {
  const key = `${directory}:${oid}`;
  const known = trees.get(key);
  if (known !== undefined) return known;
  const entries = oid === emptyTree ? [] : parseTree(await readContent(directory, oid, 'tree'));
  trees.set(key, entries, entries.length + 1);
  return entries;
}

/** It need not be stored to exist. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

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

async function readContent(directory: string, oid: string, wanted: 'commit' | 'tree'): Promise<Uint8Array> {
  const { type, object } = await present(directory, oid, (repo) => git.readObject({ ...repo, oid, format: 'content' }));
  if (type === wanted && object instanceof Uint8Array) return object;
  throw gitError('commit-missing', `object ${oid} is no ${wanted}`);
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
