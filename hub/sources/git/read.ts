import { FairwayError } from '../../../core/errors.ts';
import type { Commit, FileFilter, TreeEntry } from '../mirror.ts';
import { gitError } from './failure.ts';
import { readBlob, readCommit, readTree } from './objects.ts';

/** Files larger than all this together are no application. */
const defaultMaximumBytes = 256 * 1024 * 1024;
/** A few trees that hold each other many times over can stand for more entries than there are atoms. */
const maximumEntries = 1_000_000;
const maximumFiles = 100_000;
const readsAtOnce = 32;

/** Is the commit here, with its tree? */
export async function hasCommit(directory: string, id: string): Promise<boolean> {
  try {
    await readTree(directory, (await readCommit(directory, id)).tree);
    return true;
  } catch (thrown) {
    if (thrown instanceof FairwayError && thrown.code === 'commit-missing') return false;
    throw thrown;
  }
}

export async function describeCommit(directory: string, id: string): Promise<Commit> {
  const { parents, author, message, committedAt } = await readCommit(directory, id);
  return { id, parents, author, message, committedAt: committedAt * 1000 };
}

/** Walks the history that is here, newest generation first; `unknown` where it ends before the answer (G7). */
export async function descends(directory: string, id: string, ancestor: string): Promise<boolean | 'unknown'> {
  let generation = [id];
  const visited = new Set(generation);
  let cut = false;
  while (generation.length > 0) {
    if (visited.has(ancestor)) return true;
    const next: string[] = [];
    for (const commit of generation) {
      const parents = await parentsOf(directory, commit);
      if (parents === null) cut = true;
      for (const parent of parents ?? []) {
        if (visited.has(parent)) continue;
        visited.add(parent);
        next.push(parent);
      }
    }
    generation = next;
  }
  return cut ? 'unknown' : false;
}

export async function treeId(directory: string, commit: string, path: string): Promise<string | null> {
  return (await entryAt(directory, commit, path))?.id ?? null;
}

export async function list(directory: string, commit: string, path: string): Promise<readonly TreeEntry[] | null> {
  const entry = await entryAt(directory, commit, path);
  return entry?.type === 'tree' ? readTree(directory, entry.id) : null;
}

/** Links and submodules are not followed: they read as nothing. */
export async function read(directory: string, commit: string, path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const entry = await entryAt(directory, commit, path);
  return entry?.type === 'blob' ? readBlob(directory, entry.id) : null;
}

/** @throws FairwayError `tree-too-large` */
export async function files(
  directory: string,
  commit: string,
  path: string,
  { names, endings, maximumBytes = defaultMaximumBytes }: FileFilter,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const found: { path: string; id: string }[] = [];
  const wanted = (name: string) =>
    (names === undefined || names.includes(name)) &&
    (endings === undefined || endings.some((ending) => name.endsWith(ending)));
  const refuse = (why: string) =>
    gitError('tree-too-large', `${path === '' ? 'the repository' : path} holds more than ${why}`);
  let entries = 0;
  const walk = async (tree: string, folder: string) => {
    const listed = await readTree(directory, tree);
    entries += listed.length;
    if (entries > maximumEntries) throw refuse(`${maximumEntries} files and folders`);
    for (const { name, id, type } of listed) {
      const at = folder === '' ? name : `${folder}/${name}`;
      if (type === 'tree') await walk(id, at);
      else if (type === 'blob' && wanted(name)) found.push({ path: at, id });
      if (found.length > maximumFiles) throw refuse(`${maximumFiles} files that are to be read`);
    }
  };
  const root = await entryAt(directory, commit, path);
  if (root?.type === 'tree') await walk(root.id, segmentsOf(path).join('/'));
  found.sort((a, b) => (a.path < b.path ? -1 : 1));

  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  let bytes = 0;
  for (let at = 0; at < found.length; at += readsAtOnce) {
    const files = found.slice(at, at + readsAtOnce);
    const read = await Promise.all(files.map(({ id }) => readBlob(directory, id)));
    for (const [index, content] of read.entries()) {
      bytes += content.length;
      contents.set(files[index]?.path ?? '', content);
    }
    if (bytes > maximumBytes) throw refuse(`${maximumBytes} bytes`);
  }
  return contents;
}

async function parentsOf(directory: string, commit: string): Promise<readonly string[] | null> {
  try {
    return (await readCommit(directory, commit)).parents;
  } catch (thrown) {
    if (thrown instanceof FairwayError && thrown.code === 'commit-missing') return null;
    throw thrown;
  }
}

async function entryAt(directory: string, commit: string, path: string): Promise<Omit<TreeEntry, 'name'> | null> {
  let entry: Omit<TreeEntry, 'name'> = { id: (await readCommit(directory, commit)).tree, type: 'tree' };
  for (const segment of segmentsOf(path)) {
    if (entry.type !== 'tree') return null;
    const next: TreeEntry | undefined = (await readTree(directory, entry.id)).find(({ name }) => name === segment);
    if (next === undefined) return null;
    entry = next;
  }
  return entry;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.');
}
