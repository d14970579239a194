/**
 * The hub's own copy of a Git repository, bare, in its data directory (G8). Reads never touch the network.
 * Every method rejects with a FairwayError: `git-unreachable` (again), `git-refused` (credentials), `git-missing`
 * (the `git` program is needed and not installed), `commit-missing`, `branch-missing`.
 */
export interface Mirror {
  /** The commit at the remote's branch now: one cheap request, or one file read for a path. */
  remoteHead(branch: string): Promise<string>;
  /** Makes a commit readable here; nothing happens where it is already. Shallow at first, then what is new. */
  fetch(commit: string, branch: string): Promise<void>;
  /** Makes all of a branch's history readable here. */
  deepen(branch: string): Promise<void>;
  has(commit: string): Promise<boolean>;
  commit(commit: string): Promise<Commit>;
  /** `unknown` where the mirror's history does not reach far enough to say (G7). */
  descends(commit: string, ancestor: string): Promise<boolean | 'unknown'>;
  /** Object id of a folder (or file) at a commit; '' is the root; null where there is none. */
  treeId(commit: string, path: string): Promise<string | null>;
  /** Entries of a folder, one level; null where there is none. */
  list(commit: string, path: string): Promise<readonly TreeEntry[] | null>;
  /** Null where there is none. */
  read(commit: string, path: string): Promise<Uint8Array | null>;
  /** All files below a folder that `wanted` accepts, by their path in the repository, sorted by path. */
  files(commit: string, path: string, wanted?: FileFilter): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The content of a commit object as Git keeps it, its signature among it. */
  rawCommit(commit: string): Promise<Uint8Array>;
  /**
   * The commits of its history that last changed a file: of each line of merged ones, one.
   * @returns null where the history that is here does not reach them
   */
  lastChanges(commit: string, path: string): Promise<readonly string[] | null>;
  /** Whoever wrote the commits that changed a folder, since another commit; null: ever. */
  authors(commit: string, path: string, since: string | null): Promise<Authors>;
  /**
   * Writes a tree that is nowhere but here: that of a commit (null: none) with files written over, or (null) taken out.
   * @returns its id
   */
  writeTree(base: string | null, files: ReadonlyMap<string, Uint8Array | null>): Promise<string>;
  /** Stores a commit object, that is nowhere but here until it is pushed. @returns its id */
  writeCommit(content: Uint8Array): Promise<string>;
  /** Sends a commit to a branch of the remote; with `force`, whatever stands there. */
  push(commit: string, branch: string, force?: boolean): Promise<PushAnswer>;
}

/** What the remote answers to a push. */
export interface PushAnswer {
  /** Why it did not take it: the branch has moved, or it is protected; null: it did. */
  readonly refusal: string | null;
}

export interface Authors {
  /** `Name <e-mail>`, each once. */
  readonly authors: readonly string[];
  /** False where the history that is here does not reach back to `since`. */
  readonly isComplete: boolean;
}

export interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  /** `Name <e-mail>`. */
  readonly author: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly committedAt: number;
}

export interface TreeEntry {
  readonly name: string;
  readonly id: string;
  readonly type: 'tree' | 'blob' | 'link' | 'commit';
}

/** Plain data, for it crosses to the worker thread. */
export interface FileFilter {
  /** Only these file names (`app.yaml`), or all. */
  readonly names?: readonly string[];
  /** Only these endings (`.yaml`), or all. */
  readonly endings?: readonly string[];
  /** Refuses, with `tree-too-large`, more bytes than this. */
  readonly maximumBytes?: number;
}

export interface Mirrors {
  /** The mirror of a source; opened once, and anew when its URL or credentials change. */
  of(source: MirrorSource): Promise<Mirror>;
  close(): Promise<void>;
}

export interface MirrorSource {
  readonly name: string;
  /** https://…, http://… (loopback only, unless allowed), ssh://…, git@host:path, file:///… or a path. */
  readonly url: string;
  readonly credentials: Credentials | null;
}

export type Credentials =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'ssh'; readonly privateKey: string; readonly knownHosts: string };
