import { FairwayError, messageOf } from '../../../core/errors.ts';

/** The codes with which a mirror fails. */
export type GitFailure =
  | 'git-unreachable'
  | 'git-refused'
  | 'git-missing'
  | 'commit-missing'
  | 'branch-missing'
  | 'tree-too-large';

const remedies: Readonly<Record<GitFailure, string>> = {
  'git-unreachable': 'it is tried again; what was fetched before stays in force',
  'git-refused': 'check the URL and the credentials of this source',
  'git-missing': 'install the git program where the hub runs, or use an https:// URL',
  'commit-missing': 'push the commit again, or name one that exists',
  'branch-missing': 'create the branch, or name one that exists',
  'tree-too-large': 'move what does not belong to an application out of its folder',
};

/** What helps against a failure of this code; null for a code that is none of a mirror's. */
export function remedyOf(code: string): string | null {
  return remedies[code as GitFailure] ?? null;
}

/** @param message must hold no secret; see `withoutSecrets` */
export function gitError(code: GitFailure, message: string): FairwayError {
  return new FairwayError(code, message, {
    remedy: remedies[code],
    retry: code === 'git-unreachable' ? 'again' : 'terminal',
  });
}

/** Why a remote over HTTP failed: by status where it answered, else because it could not be reached. */
export function httpFailure(thrown: unknown, url: string): FairwayError {
  if (thrown instanceof FairwayError) return thrown;
  const status = (thrown as { data?: { statusCode?: number } }).data?.statusCode;
  if (status === 401 || status === 403) return gitError('git-refused', `${url} does not let the hub in (${status})`);
  if (status === 404 || status === 410) {
    return gitError('git-refused', `${url} is not there, or not for these credentials (${status})`);
  }
  if (status !== undefined) return gitError('git-unreachable', `${url} answered ${status}`);
  if ((thrown as { code?: string }).code === 'SmartHttpError') {
    return gitError('git-refused', `${url} is no Git repository`);
  }
  const cause = (thrown as { cause?: unknown }).cause;
  return gitError('git-unreachable', `${url} cannot be reached: ${messageOf(cause ?? thrown)}`);
}

/** So many characters of what the program wrote are looked at, the last ones. */
const outputLimit = 4_000;

/** Why the `git` program failed, from what it wrote. */
export function programFailure(output: string, remote: string, what: string): FairwayError {
  // A host may say as much as it likes, and the patterns below take long over long lines.
  const stderr = output.slice(-outputLimit);
  const said = lastLineOf(stderr);
  if (/couldn't find remote ref|Remote branch .* not found/i.test(stderr)) {
    return gitError('branch-missing', `${remote} has no ${what}`);
  }
  if (/not our ref|unadvertised object|no such remote ref|no commits selected/i.test(stderr)) {
    return gitError('commit-missing', `${remote} has no ${what}`);
  }
  if (
    /Permission denied|Host key verification failed|Authentication failed|transport .* not allowed|invalid format|error in libcrypto/i.test(
      stderr,
    )
  ) {
    return gitError('git-refused', `${remote} refused: ${said}`);
  }
  return gitError('git-unreachable', `${remote} cannot be reached: ${said}`);
}

/** Why the remote did not take a push, from what `git push --porcelain` wrote; null: it did, or was never asked. */
export function pushRefusal(output: string): string | null {
  const line = output.split('\n').find((entry) => entry.startsWith('!\t'));
  if (line === undefined) return null;
  return (/\(([^()]*)\)\s*$/.exec(line)?.[1] ?? line.slice(2)).slice(0, 300).replace(/\p{Cc}+/gu, ' ');
}

function lastLineOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const telling = lines.filter(
    (line) =>
      line !== '' &&
      !/^(Please make sure|and the repository exists|fatal: Could not read from remote|fatal: the remote end hung up)/i.test(
        line,
      ),
  );
  return (telling.at(-1) ?? 'no reason given').slice(0, 300).replace(/\p{Cc}+/gu, ' ');
}
