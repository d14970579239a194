import { execFile } from 'node:child_process';
import { FairwayError } from '../../core/errors.ts';

/**
 * Runs git in a folder, without what the caller's own git may have put into the environment.
 * @returns what it printed
 * @throws FairwayError `git-missing`, `git-failed`
 */
export function git(folder: string, ...args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', folder, ...args], { env: { ...env, LC_ALL: 'C' } }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else if (error.code === 'ENOENT') reject(missing(error));
      else
        reject(new FairwayError('git-failed', `git ${args[0]}: ${stderr.trim() || error.message}`, { cause: error }));
    });
  });
}

function missing(cause: Error): FairwayError {
  return new FairwayError('git-missing', 'git is not installed', {
    remedy: 'install it: https://git-scm.com/downloads',
    cause,
  });
}
