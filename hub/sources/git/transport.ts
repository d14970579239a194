import type { Credentials, PushAnswer } from '../mirror.ts';
import type { ReadAddress } from './address.ts';
import type { HttpRemote } from './jobs.ts';
import { gitProgram } from './program.ts';
import { pathHead } from './refs.ts';
import type { GitWorker } from './work.ts';

/** How one mirror reaches its remote. */
export interface Transport {
  remoteHead(branch: string): Promise<string>;
  /** Brings a commit into the mirror's directory. */
  fetch(commit: string, branch: string): Promise<void>;
  /** Brings all of a branch's history into the mirror's directory. */
  deepen(branch: string): Promise<void>;
  /** Sends a commit of the mirror to a branch. */
  push(commit: string, branch: string, force: boolean): Promise<PushAnswer>;
}

export interface TransportOptions {
  readonly worker: GitWorker;
  /** The mirror's bare repository. */
  readonly directory: string;
  /** For the `git` program's own files. */
  readonly scratch: string;
  readonly allowPlainHttp: boolean;
}

/** HTTP by isomorphic-git in the worker; SSH and paths by the `git` program. */
export function openTransport(
  { address, credentials: ownCredentials }: ReadAddress,
  given: Credentials | null,
  { worker, directory, scratch, allowPlainHttp }: TransportOptions,
): Transport {
  const credentials = given ?? ownCredentials;
  if (address.transport === 'http') {
    const remote: HttpRemote = { url: address.url, authorization: authorizationOf(credentials), allowPlainHttp };
    return {
      remoteHead: (branch) => worker.run({ type: 'remote-head', remote, branch }),
      fetch: (commit, branch) => worker.run({ type: 'fetch', directory, remote, commit, branch }),
      deepen: (branch) => worker.run({ type: 'deepen', directory, remote, branch }),
      push: (commit, branch, force) => worker.run({ type: 'push', directory, remote, commit, branch, force }),
    };
  }

  const program = gitProgram(address, credentials, scratch);
  return {
    async remoteHead(branch) {
      const head = address.transport === 'path' ? await pathHead(address.path, branch) : null;
      return head ?? program.remoteHead(branch);
    },
    async fetch(commit, branch) {
      const first = await worker.run({ type: 'first', directory, branch });
      await program.fetch(directory, commit, branch, first, async () => {
        await worker.run({ type: 'refresh', directory });
        return worker.run({ type: 'has', directory, commit });
      });
    },
    async deepen(branch) {
      await program.deepen(directory, branch);
      await worker.run({ type: 'refresh', directory });
    },
    push: (commit, branch, force) => program.push(directory, commit, branch, force),
  };
}

function authorizationOf(credentials: Credentials | null): string | null {
  if (credentials?.type !== 'basic') return null;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
}
