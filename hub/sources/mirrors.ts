import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Logger } from 'pino';
import { FairwayError } from '../../core/errors.ts';
import { readAddress } from './git/address.ts';
import { gitError } from './git/failure.ts';
import { openTransport, type Transport } from './git/transport.ts';
import { type GitWorker, startGitWorker } from './git/work.ts';
import type { Mirror, MirrorSource, Mirrors } from './mirror.ts';

export interface MirrorsOptions {
  /** Holds a bare repository a source. It may be lost: it is fetched anew. */
  readonly directory: string;
  readonly log: Logger;
  /** Plain http to other hosts than this one. */
  readonly allowPlainHttp?: boolean;
}

/** The mirrors of all sources, on one worker thread. */
export function createMirrors({ directory, log, allowPlainHttp = false }: MirrorsOptions): Mirrors {
  const worker = startGitWorker(log);
  const scratch = join(directory, '.git-program');
  let clean: Promise<void> | undefined;
  const opened = new Map<string, { readonly source: string; readonly mirror: Promise<Mirror> }>();

  const open = async ({ name, url, credentials }: MirrorSource): Promise<Mirror> => {
    // A hub that was killed may have left a key there.
    clean ??= rm(scratch, { recursive: true, force: true });
    await clean;
    // It becomes a folder's name.
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a source`);
    const read = readAddress(url, allowPlainHttp);
    if (read.address.transport === 'path') await refuseOwn(read.address.path, directory);
    // Another URL is another repository, though the source keeps its name.
    const repository = join(directory, `${name}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}.git`);
    await mkdir(repository, { recursive: true });
    await worker.run({ type: 'initialise', directory: repository });
    return openMirror(
      worker,
      repository,
      openTransport(read, credentials, { worker, directory: repository, scratch, allowPlainHttp }),
    );
  };

  return {
    of(source) {
      const key = JSON.stringify([source.url, source.credentials]);
      const known = opened.get(source.name);
      if (known?.source === key) return known.mirror;
      const mirror = open(source);
      opened.set(source.name, { source: key, mirror });
      // One that could not be opened is tried anew.
      mirror.catch(() => {
        if (opened.get(source.name)?.mirror === mirror) opened.delete(source.name);
      });
      return mirror;
    },
    close: () => worker.close(),
  };
}

/** A source must not read what the hub holds for other sources. */
async function refuseOwn(path: string, directory: string): Promise<void> {
  const [target, own] = await Promise.all([path, directory].map((place) => realpath(place).catch(() => place)));
  if (target === undefined || own === undefined || relative(own, target).startsWith('..')) return;
  throw new FairwayError(
    'source-url-invalid',
    `${JSON.stringify(path)} cannot be used: it lies in the hub's own data`,
    {
      field: 'spec.url',
      remedy: 'name the repository that it is a copy of',
    },
  );
}

function openMirror(worker: GitWorker, directory: string, transport: Transport): Mirror {
  const heads = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };

  const fetch = async (commit: string, branch: string) => {
    if (!(await worker.run({ type: 'has', directory, commit }))) await transport.fetch(commit, branch);
    const isFirst = (await worker.run({ type: 'first', directory, branch })) === null;
    // A pinned commit of long ago tells the remote less about what is here than the head does.
    if (isFirst || heads.get(branch) === commit) await worker.run({ type: 'mark', directory, commit, branch });
  };

  return {
    async remoteHead(branch) {
      const head = await transport.remoteHead(branch);
      heads.set(branch, head);
      return head;
    },
    fetch(commit, branch) {
      if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) {
        return Promise.reject(gitError('commit-missing', `${JSON.stringify(commit)} is no commit id`));
      }
      return inTurn(() => fetch(commit, branch));
    },
    has: (commit) => worker.run({ type: 'has', directory, commit }),
    commit: (commit) => worker.run({ type: 'commit', directory, commit }),
    descends: (commit, ancestor) => worker.run({ type: 'descends', directory, commit, ancestor }),
    treeId: (commit, path) => worker.run({ type: 'tree-id', directory, commit, path }),
    list: (commit, path) => worker.run({ type: 'list', directory, commit, path }),
    read: (commit, path) => worker.run({ type: 'read', directory, commit, path }),
    files: (commit, path, wanted = {}) => worker.run({ type: 'files', directory, commit, path, wanted }),
    rawCommit: (commit) => worker.run({ type: 'raw-commit', directory, commit }),
    lastChanges: (commit, path) => worker.run({ type: 'last-changes', directory, commit, path }),
    authors: (commit, path, since) => worker.run({ type: 'authors', directory, commit, path, since }),
    writeTree: (base, files) => worker.run({ type: 'write-tree', directory, base, files }),
    writeCommit: (content) => worker.run({ type: 'write-commit', directory, content }),
    deepen: (branch) => inTurn(() => transport.deepen(branch)),
    // Fetching merges packs, which a push reads.
    push: (commit, branch, force = false) => inTurn(() => transport.push(commit, branch, force)),
  };
}
