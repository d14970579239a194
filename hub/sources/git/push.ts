import git, { Errors } from 'isomorphic-git';
import type { PushAnswer } from '../mirror.ts';
import { branchRef } from './branch.ts';
import { httpFailure } from './failure.ts';
import { httpClient } from './http.ts';
import type { HttpRemote } from './jobs.ts';
import { repository } from './objects.ts';

/** Milliseconds for a whole exchange. */
const pushTimeout = 120_000;

/**
 * Sends a commit of the mirror to a branch.
 * @param force whatever stands there now
 * @returns why not, where the host did not take it: the branch has moved, or it does not want to
 * @throws FairwayError `git-unreachable`, `git-refused`
 */
export async function pushCommit(
  directory: string,
  remote: HttpRemote,
  commit: string,
  branch: string,
  force: boolean,
): Promise<PushAnswer> {
  const repo = await repository(directory);
  const http = httpClient(remote, AbortSignal.timeout(pushTimeout));
  try {
    await git.push({ ...repo, http, url: remote.url, ref: commit, remoteRef: branchRef(branch), force });
    return { refusal: null };
  } catch (thrown) {
    if (thrown instanceof Errors.PushRejectedError) return { refusal: 'the branch has moved' };
    if (thrown instanceof Errors.GitPushError) return { refusal: reasonOf(thrown) };
    throw httpFailure(thrown, remote.url);
  }
}

/** What the host said, in one line. */
function reasonOf({ data, message }: InstanceType<typeof Errors.GitPushError>): string {
  const said = Object.values(data.result.refs).flatMap((status) => (status.ok ? [] : [status.error]));
  return (said.join('; ') || message).replace(/\p{Cc}+/gu, ' ').slice(0, 300);
}
