import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from '../../e2e/processes.ts';

const root = resolve(import.meta.dirname, '../../..');

export interface Built {
  readonly program: Program;
  remove(): Promise<void>;
}

/** The hub as its image runs it: built, for Node reads TypeScript at a price in memory and time to start. */
export async function buildProgram(): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-built-'));
  const compiler = join(root, 'node_modules/.bin/tsc');
  await promisify(execFile)(compiler, ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], { cwd: root });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    program: { command: [process.execPath, join(folder, 'dist/cli/main.js')] },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
