import type { Authors, Commit, FileFilter, PushAnswer, TreeEntry } from '../mirror.ts';

/** A remote over HTTP, as the worker needs it. */
export interface HttpRemote {
  readonly url: string;
  /** The value of the Authorization header, or null. */
  readonly authorization: string | null;
  readonly allowPlainHttp: boolean;
}

/** What the worker does. `directory` is a mirror's bare repository. */
export type Job =
  | { readonly type: 'remote-head'; readonly remote: HttpRemote; readonly branch: string }
  | {
      readonly type: 'fetch';
      readonly directory: string;
      readonly remote: HttpRemote;
      readonly commit: string;
      readonly branch: string;
    }
  | { readonly type: 'deepen'; readonly directory: string; readonly remote: HttpRemote; readonly branch: string }
  | { readonly type: 'initialise'; readonly directory: string }
  /** Writes refs/heads/BRANCH, and remembers the first commit of that branch. */
  | { readonly type: 'mark'; readonly directory: string; readonly commit: string; readonly branch: string }
  /** When the first fetched commit of a branch was made, in milliseconds, or null. */
  | { readonly type: 'first'; readonly directory: string; readonly branch: string }
  /** Something outside the worker wrote to the repository. */
  | { readonly type: 'refresh'; readonly directory: string }
  | { readonly type: 'has'; readonly directory: string; readonly commit: string }
  | { readonly type: 'commit'; readonly directory: string; readonly commit: string }
  | { readonly type: 'descends'; readonly directory: string; readonly commit: string; readonly ancestor: string }
  | { readonly type: 'tree-id'; readonly directory: string; readonly commit: string; readonly path: string }
  | { readonly type: 'list'; readonly directory: string; readonly commit: string; readonly path: string }
  | { readonly type: 'read'; readonly directory: string; readonly commit: string; readonly path: string }
  | {
      readonly type: 'files';
      readonly directory: string;
      readonly commit: string;
      readonly path: string;
      readonly wanted: FileFilter;
    }
  | { readonly type: 'raw-commit'; readonly directory: string; readonly commit: string }
  | { readonly type: 'last-changes'; readonly directory: string; readonly commit: string; readonly path: string }
  | {
      readonly type: 'authors';
      readonly directory: string;
      readonly commit: string;
      readonly path: string;
      readonly since: string | null;
    }
  | {
      readonly type: 'write-tree';
      readonly directory: string;
      readonly base: string | null;
      readonly files: ReadonlyMap<string, Uint8Array | null>;
    }
  | { readonly type: 'write-commit'; readonly directory: string; readonly content: Uint8Array }
  | {
      readonly type: 'push';
      readonly directory: string;
      readonly remote: HttpRemote;
      readonly commit: string;
      readonly branch: string;
      readonly force: boolean;
    };

/** What each job resolves to. */
export interface JobResults {
  'remote-head': string;
  fetch: undefined;
  deepen: undefined;
  initialise: undefined;
  mark: undefined;
  first: number | null;
  refresh: undefined;
  has: boolean;
  commit: Commit;
  descends: boolean | 'unknown';
  'tree-id': string | null;
  list: readonly TreeEntry[] | null;
  read: Uint8Array | null;
  files: ReadonlyMap<string, Uint8Array>;
  'raw-commit': Uint8Array;
  'last-changes': readonly string[] | null;
  authors: Authors;
  'write-tree': string;
  'write-commit': string;
  push: PushAnswer;
}

export type ResultOf<J extends Job> = JobResults[J['type']];

export interface WorkerRequest {
  readonly id: number;
  readonly job: Job;
}

export type WorkerResponse =
  | { readonly id: number; readonly type: 'done'; readonly result: unknown }
  | { readonly id: number; readonly type: 'failed'; readonly failure: Failure };

/** A FairwayError as it crosses threads; any other error has the code null. */
export interface Failure {
  readonly code: string | null;
  readonly message: string;
  readonly remedy?: string | undefined;
  readonly retry: 'again' | 'terminal';
}
