import git from 'isomorphic-git';
import { gitError } from './failure.ts';
import { type Repository, readCommit, repository } from './objects.ts';

type Entry = Awaited<ReturnType<typeof git.readTree>>['tree'][number];

/**
 * Writes a tree: that of a commit, with some files written over or taken out. Folders that end up empty are gone.
 * @param base null: from nothing
 * @param files by path from the root; null: it is to be gone
 * @returns the tree's id
 */
export async function writeTree(
  directory: string,
  base: string | null,
  files: ReadonlyMap<string, Uint8Array | null>,
): Promise<string> {
  const repo = await repository(directory);
  const changes = [...files].map(([path, content]) => ({ path: path.split('/'), content }));
  const root = base === null ? null : (await readCommit(directory, base)).tree;
  return (await writeFolder(repo, root, changes)) ?? git.writeTree({ ...repo, tree: [] });
}

/** Stores a commit by its content, as Git writes it. @returns its id */
export async function writeCommit(directory: string, content: Uint8Array): Promise<string> {
  const repo = await repository(directory);
  return git.writeObject({ ...repo, type: 'commit', object: content, format: 'content' });
}

interface FileChange {
  readonly path: readonly string[];
  readonly content: Uint8Array | null;
}

/** @returns null where nothing is left in it */
async function writeFolder(
  repo: Repository,
  tree: string | null,
  changes: readonly FileChange[],
): Promise<string | null> {
  const entries = new Map((tree === null ? [] : (await git.readTree({ ...repo, oid: tree })).tree).map(named));
  for (const [name, own] of Map.groupBy(changes, ({ path }) => path[0] ?? '')) {
    const known = entries.get(name);
    const [first] = own;
    if (first !== undefined && first.path.length === 1) {
      if (first.content === null) entries.delete(name);
      else
        entries.set(name, {
          mode: '100644',
          path: name,
          type: 'blob',
          oid: await git.writeBlob({ ...repo, blob: first.content }),
        });
      continue;
    }
    if (known !== undefined && known.type !== 'tree') throw gitError('git-refused', `${name} is a file, and no folder`);
    const inner = own.map(({ path, content }) => ({ path: path.slice(1), content }));
    const folder = await writeFolder(repo, known?.oid ?? null, inner);
    if (folder === null) entries.delete(name);
    else entries.set(name, { mode: '040000', path: name, type: 'tree', oid: folder });
  }
  return entries.size === 0 ? null : git.writeTree({ ...repo, tree: [...entries.values()] });
}

function named(entry: Entry): [string, Entry] {
  return [entry.path, entry];
}
