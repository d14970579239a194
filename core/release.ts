/** `app@` and the first 12 hexadecimal digits of the commit. */
export function releaseId(application: string, commit: string): string {
  return `${application}@${commit.slice(0, 12)}`;
}

/** What decides which commits of an application are to become releases. */
export interface ReleaseWorld {
  /** The head at which the tree of its folder was last seen to change; null: the application is gone from Git. */
  readonly head: string | null;
  /** Revisions that pins name. */
  readonly pinned: readonly string[];
  /** Commits that are releases already. */
  readonly released: ReadonlySet<string>;
}

export interface ReleaseStep {
  readonly commit: string;
  readonly origin: 'head' | 'pin';
}

/** A head whose folder changed becomes a release, and any other commit when it is pinned (G2). */
export function releasesToMake({ head, pinned, released }: ReleaseWorld): ReleaseStep[] {
  const steps: ReleaseStep[] = [];
  if (head !== null && !released.has(head)) steps.push({ commit: head, origin: 'head' });
  for (const commit of new Set(pinned))
    if (commit !== head && !released.has(commit)) steps.push({ commit, origin: 'pin' });
  return steps;
}
