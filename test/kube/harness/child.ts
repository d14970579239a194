import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { isExecutable } from './assets.ts';

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Kills the process and waits until it is gone. Safe to call again. */
  stop(): Promise<void>;
  /** Null while it runs, then why it ended. */
  ended(): string | null;
  /** The last lines that it wrote. */
  log(): string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Starts a program that does not outlive this process: `setpriv`, where there is one, ties it to its parent's life
 * even when that is killed with -9.
 * @param logFile where its output goes
 */
export function startChild(program: string, args: readonly string[], logFile: string): Child {
  const log = openSync(logFile, 'a', 0o600);
  const setpriv = findInPath('setpriv');
  const [command, argv] =
    setpriv === null ? [program, [...args]] : [setpriv, ['--pdeathsig=KILL', '--', program, ...args]];
  const child = spawn(command, argv, { stdio: ['ignore', log, log], env: { PATH: process.env.PATH } });
  closeSync(log);
  running.add(child);
  let reason: string | null = null;
  const gone = new Promise<void>((resolve) => {
    const end = (why: string) => {
      reason ??= why;
      running.delete(child);
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    name: basename(program),
    pid: child.pid ?? -1,
    ended: () => reason,
    log: () => readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n'),
    async stop() {
      if (reason === null) child.kill('SIGKILL');
      await gone;
    },
  };
}

function findInPath(program: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    if (isExecutable(path)) return path;
  }
  return null;
}
