import { FairwayError } from '../../../core/errors.ts';
import type { Authors } from '../mirror.ts';
import { readCommit } from './objects.ts';
import { treeId } from './read.ts';

/** So many commits are looked at; whoever asks then knows no more than that there are more. */
const longestWalk = 10_000;

/**
 * The commits that last changed a file: a commit in which it differs from that of a parent. A file that a merge took
 * from one side was changed by the merge, so that nobody brings an old one back unseen.
 * @returns null where the history that is here ends before
 */
export async function lastChanges(directory: string, commit: string, path: string): Promise<readonly string[] | null> {
  const found: string[] = [];
  const complete = await walk(directory, commit, async (id, parents) => {
    const own = await treeId(directory, id, path);
    const others = await Promise.all(parents.map((parent) => fileAt(directory, parent, path)));
    if (others.includes('unknown')) return 'unknown';
    if (parents.length > 0 && others.every((other) => other === own)) return 'further';
    found.push(id);
    return 'enough';
  });
  return complete ? found : null;
}

/**
 * Whoever wrote the commits that changed a folder since another commit, which with its own history is passed over.
 * @param since null: from the beginning
 */
export async function authorsOf(
  directory: string,
  commit: string,
  path: string,
  since: string | null,
): Promise<Authors> {
  const authors = new Set<string>();
  const old = since === null ? new Set<string>() : await historyOf(directory, since);
  const isComplete = await walk(directory, commit, async (id, parents) => {
    if (old.has(id)) return 'enough';
    const own = await treeId(directory, id, path);
    const others = await Promise.all(parents.map((parent) => fileAt(directory, parent, path)));
    // What a merge took whole from one side was written on that side.
    if (!others.includes(own) || parents.length === 0) authors.add((await readCommit(directory, id)).author);
    return others.includes('unknown') ? 'unknown' : 'further';
  });
  return { authors: [...authors], isComplete };
}

async function historyOf(directory: string, commit: string): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  await walk(directory, commit, async (id) => {
    known.add(id);
    return 'further';
  });
  return known;
}

type Verdict = 'further' | 'enough' | 'unknown';

/** @returns false where the history that is here ends before every line of it came to an `enough` or to its root */
async function walk(
  directory: string,
  start: string,
  visit: (id: string, parents: readonly string[]) => Promise<Verdict>,
): Promise<boolean> {
  const visited = new Set([start]);
  let complete = true;
  for (const id of visited) {
    if (visited.size > longestWalk) return false;
    const parents = await parentsOf(directory, id);
    const verdict = parents === null ? 'unknown' : await visit(id, parents);
    if (verdict === 'unknown') complete = false;
    if (verdict === 'further') for (const parent of parents ?? []) visited.add(parent);
  }
  return complete;
}

async function fileAt(directory: string, commit: string, path: string): Promise<string | null | 'unknown'> {
  return (await parentsOf(directory, commit)) === null ? 'unknown' : treeId(directory, commit, path);
}

/** Null where the commit is not here. */
async function parentsOf(directory: string, commit: string): Promise<readonly string[] | null> {
  try {
    return (await readCommit(directory, commit)).parents;
  } catch (thrown) {
    if (thrown instanceof FairwayError && thrown.code === 'commit-missing') return null;
    throw thrown;
  }
}
