import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Git as tests see it: no configuration of the machine's, a fixed author, no prompt. */
export const gitEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ada Example',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada Example',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

/** Runs `git` in a folder; resolves to its standard output, trimmed. */
export async function git(folder: string, ...commandLine: string[]): Promise<string> {
  const { stdout } = await execute('git', commandLine, {
    cwd: folder,
    env: gitEnvironment,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}
