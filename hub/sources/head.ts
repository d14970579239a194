import { FairwayError, messageOf } from '../../core/errors.ts';
import type { Mirror } from './mirror.ts';

/** What the remote says of a branch, against what the hub took last. */
export interface Head {
  /** The commit that is in force, readable in the mirror; null: nothing can be read. */
  readonly commit: string | null;
  /** A head that does not descend from the one in force, and is not followed (G7). */
  readonly rewritten: string | null;
  /** Why the remote, or its branch, could not be read (G8). */
  readonly failure: FairwayError | null;
}

/**
 * Asks the remote for the head of a branch and fetches what is new. It never rejects for what the remote does: a
 * source that cannot be reached keeps what it has (G8).
 * @param taken the commit that was taken last; null: none
 */
export async function followHead(mirror: Mirror, branch: string, taken: string | null): Promise<Head> {
  try {
    const head = await mirror.remoteHead(branch);
    if (taken === null || head === taken) {
      await mirror.fetch(head, branch);
      return { commit: head, rewritten: null, failure: null };
    }
    // A mirror that was lost knows nothing of what was taken; the remote may still.
    const kept = await readable(mirror, branch, taken);
    await mirror.fetch(head, branch);
    const follows = kept !== null && (await mirror.descends(head, taken)) === true;
    return follows
      ? { commit: head, rewritten: null, failure: null }
      : { commit: kept, rewritten: head, failure: null };
  } catch (thrown) {
    const failure =
      thrown instanceof FairwayError
        ? thrown
        : new FairwayError('git-unreachable', messageOf(thrown), { retry: 'again', cause: thrown });
    const isHere = taken !== null && (await mirror.has(taken));
    return { commit: isHere ? taken : null, rewritten: null, failure };
  }
}

async function readable(mirror: Mirror, branch: string, commit: string): Promise<string | null> {
  try {
    await mirror.fetch(commit, branch);
    return commit;
  } catch (thrown) {
    if (thrown instanceof FairwayError && thrown.code === 'commit-missing') return null;
    throw thrown;
  }
}
