import { chmod, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FairwayError, messageOf } from '../../core/errors.ts';

/** The hub's own directory, which no other hub uses until it is released or this process ends. */
export interface DataDirectory {
  /** Absolute, without symbolic links. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Creates the directory for its owner's eyes alone, and locks it. The lock is the kernel's, taken through SQLite for
 * want of `flock` in Node: it ends with the process however that ends, so nothing is ever left to clean up.
 * @throws FairwayError `data-directory-in-use`, `data-directory-unusable`
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const directory = await createDirectory(path);
  const lock = takeLock(join(directory, 'hub.lock'));
  const owner = join(directory, 'hub.pid');
  if (lock === undefined) {
    const pid = (await readFile(owner, 'utf8').catch(() => '')).trim() || 'unknown';
    throw new FairwayError('data-directory-in-use', `Another hub (process ${pid}) uses ${directory}.`, {
      field: 'FAIRWAY_DATA_DIR',
      remedy: 'Stop that hub, or give this one another directory with --data-dir.',
      details: { pid },
    });
  }
  await writeFile(owner, `${process.pid}\n`, { mode: 0o600 });
  return {
    path: directory,
    release: async () => {
      if (lock.isOpen) lock.close();
    },
  };
}

async function createDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const directory = await realpath(path);
    await chmod(directory, 0o700);
    return directory;
  } catch (cause) {
    throw new FairwayError('data-directory-unusable', `The data directory cannot be used: ${messageOf(cause)}`, {
      field: 'FAIRWAY_DATA_DIR',
      remedy: 'Give a directory that this user owns with --data-dir.',
      cause,
    });
  }
}

const SQLITE_BUSY = 5;

/** @returns nothing where another has it */
function takeLock(file: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
