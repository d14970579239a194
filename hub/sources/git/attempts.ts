/** What one attempt of a fetch asks the remote for. */
export interface FetchAttempt {
  /** A commit id, or a branch. */
  readonly want: string;
  readonly history:
    | { readonly type: 'depth'; readonly depth: number }
    /** Commits not older than this, in milliseconds since the epoch. */
    | { readonly type: 'since'; readonly since: number }
    | { readonly type: 'all' };
}

/** More commits than any repository has: Git's own word for "no longer shallow". */
const wholeHistory = 2_147_483_647;
/** Clocks of committers differ. */
const clockSkew = 86_400_000;

/** A branch, with all that came before. */
export function wholeBranch(branch: string): FetchAttempt {
  return { want: branch, history: { type: 'depth', depth: wholeHistory } };
}

/**
 * What to ask for, in order, until the commit is here. At first its tree alone; later what came since the first
 * fetch of this branch, which is what `descends` needs. A bound on age keeps the merge of an old branch, or a
 * rewritten history, from bringing everything; a host that refuses commits by id, or knows no such bound, is asked
 * for the branch.
 * @param firstCommittedAt time of the first commit fetched of this branch, in milliseconds; null: nothing yet
 */
export function fetchAttempts(commit: string, branch: string, firstCommittedAt: number | null): FetchAttempt[] {
  const byBranch = wholeBranch(branch);
  if (firstCommittedAt === null) return [{ want: commit, history: { type: 'depth', depth: 1 } }, byBranch];
  return [
    { want: commit, history: { type: 'since', since: Math.max(0, firstCommittedAt - clockSkew) } },
    { want: commit, history: { type: 'all' } },
    byBranch,
  ];
}
