import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, cp, symlink } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const project = resolve(import.meta.dirname, '../..');

/** What `.dockerignore` lets through: it shuts everything out, then names what may come in. */
export function contextEntries(): readonly string[] {
  const lines = readFileSync(join(project, '.dockerignore'), 'utf8').split('\n');
  if (!lines.includes('*')) throw new Error('.dockerignore is to shut everything out first');
  return lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
}

/**
 * Puts into an empty folder what an image's build has to work with: the files of its context, and the packages that
 * `npm ci` installs, which are this checkout's own.
 */
export async function makeBuildContext(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of contextEntries()) {
    await cp(join(project, entry), join(folder, entry), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    });
  }
  await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
}

/** Runs a step of a build, with the Node of this process. @throws Error with what it wrote */
export async function runStep(command: readonly [string, ...string[]], cwd: string): Promise<void> {
  const [program, ...args] = command;
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` };
  await promisify(execFile)(program, args, { cwd, env, maxBuffer: 1 << 24 }).catch((error) => {
    throw new Error(`${command.join(' ')}: ${error.message}\n${error.stdout}\n${error.stderr}`);
  });
}
