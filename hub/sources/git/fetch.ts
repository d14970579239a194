import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import git, { Errors } from 'isomorphic-git';
import { FairwayError } from '../../../core/errors.ts';
import { type FetchAttempt, fetchAttempts, wholeBranch } from './attempts.ts';
import { branchRef } from './branch.ts';
import { compact } from './compact.ts';
import { disk } from './disk.ts';
import { gitError, httpFailure } from './failure.ts';
import { httpClient } from './http.ts';
import type { HttpRemote } from './jobs.ts';
import { forgetPacks, readCommit, repository } from './objects.ts';
import { hasCommit } from './read.ts';

/** Milliseconds for a whole exchange. */
const pollTimeout = 20_000;
const fetchTimeout = 600_000;

/** The commit at a branch, by one request that names the branch. */
export async function remoteHead(remote: HttpRemote, branch: string): Promise<string> {
  const ref = branchRef(branch);
  const refs = await exchange(remote, pollTimeout, (http) =>
    git.listServerRefs({ http, url: remote.url, prefix: ref, protocolVersion: 2 }),
  );
  const found = refs.find((entry) => entry.ref === ref);
  if (found === undefined) throw gitError('branch-missing', `${remote.url} has no branch ${branch}`);
  return found.oid;
}

/** Brings a commit into the mirror, where it is not yet. @throws FairwayError `commit-missing` and the like */
export async function fetchCommit(
  directory: string,
  remote: HttpRemote,
  commit: string,
  branch: string,
): Promise<void> {
  branchRef(branch);
  for (const attempt of fetchAttempts(commit, branch, await firstCommittedAt(directory, branch))) {
    await fetchOnce(directory, remote, attempt, branch);
    forgetPacks(directory);
    if (await hasCommit(directory, commit)) return compact(directory);
  }
  throw gitError('commit-missing', `${remote.url} has no commit ${commit}`);
}

/** Brings all of a branch's history into the mirror. */
export async function deepen(directory: string, remote: HttpRemote, branch: string): Promise<void> {
  branchRef(branch);
  await fetchOnce(directory, remote, wholeBranch(branch), branch);
  forgetPacks(directory);
}

async function fetchOnce(directory: string, remote: HttpRemote, attempt: FetchAttempt, branch: string): Promise<void> {
  const { want, history } = attempt;
  const repo = await repository(directory);
  try {
    await exchange(remote, fetchTimeout, (http) =>
      git.fetch({
        ...repo,
        http,
        url: remote.url,
        // What the host is told that we have: without that ref, each fetch would bring everything again.
        ref: branch,
        remoteRef: want,
        singleBranch: true,
        tags: false,
        ...(history.type === 'depth' ? { depth: history.depth } : {}),
        ...(history.type === 'since' ? { since: new Date(history.since) } : {}),
      }),
    );
  } catch (thrown) {
    // The host refuses this way of asking; there is another.
    if (!isRefusalOfAttempt(thrown)) throw thrown;
  }
}

/** Writes refs/heads/BRANCH. The first commit of a branch is remembered: history is fetched from there on. */
export async function markHead(directory: string, commit: string, branch: string): Promise<void> {
  const repo = { fs: disk, gitdir: directory };
  await git.writeRef({ ...repo, ref: branchRef(branch), value: commit, force: true });
  if ((await resolve(directory, firstRef(branch))) === null) {
    await git.writeRef({ ...repo, ref: firstRef(branch), value: commit });
  }
}

/** When the first fetched commit of a branch was made, in milliseconds; null where none was. */
export async function firstCommittedAt(directory: string, branch: string): Promise<number | null> {
  const first = await resolve(directory, firstRef(branch));
  if (first === null) return null;
  return (await readCommit(directory, first)).committedAt * 1000;
}

/** A bare repository; one that stands already is freed of what a crash left. */
export async function initialise(directory: string): Promise<void> {
  const repo = { fs: disk, gitdir: directory };
  await rm(join(directory, 'shallow.lock'), { force: true });
  // HEAD is written last, and `init` passes over a repository that has a config.
  const isWhole = await access(join(directory, 'HEAD')).then(
    () => true,
    () => false,
  );
  if (!isWhole) await rm(join(directory, 'config'), { force: true });
  await git.init({ ...repo, bare: true });
  // isomorphic-git wants a refspec; this one lets a host write no ref of ours.
  await git.setConfig({ ...repo, path: 'remote.origin.fetch', value: '+refs/fairway/none:refs/fairway/none' });
}

function firstRef(branch: string): string {
  return `refs/fairway/first/${branch}`;
}

async function resolve(directory: string, ref: string): Promise<string | null> {
  try {
    return await git.resolveRef({ fs: disk, gitdir: directory, ref });
  } catch (thrown) {
    if (thrown instanceof Errors.NotFoundError) return null;
    throw thrown;
  }
}

async function exchange<T>(
  remote: HttpRemote,
  timeout: number,
  run: (http: ReturnType<typeof httpClient>) => Promise<T>,
): Promise<T> {
  try {
    return await run(httpClient(remote, AbortSignal.timeout(timeout)));
  } catch (thrown) {
    if (isRefusalOfAttempt(thrown)) throw thrown;
    throw httpFailure(thrown, remote.url);
  }
}

function isRefusalOfAttempt(thrown: unknown): boolean {
  if (thrown instanceof FairwayError) return false;
  if (thrown instanceof Errors.RemoteCapabilityError || thrown instanceof Errors.NotFoundError) return true;
  return (
    thrown instanceof Error && /not our ref|unadvertised object|no commits selected|upload-pack:/i.test(thrown.message)
  );
}
