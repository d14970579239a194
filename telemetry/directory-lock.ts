import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Whether this process has a directory to itself, and who has it otherwise. */
export type DirectoryLock =
  | { readonly held: true; release(): void }
  /** The process that has it, or `unknown`. */
  | { readonly held: false; readonly pid: string };

/**
 * Takes a directory for one process of a kind. The lock is the kernel's, taken through SQLite for want of `flock` in
 * Node: it ends with the process however that ends, so nothing is ever left to clean up. Beside it stands the process
 * id, for people.
 * @param kind names the files: `hub.lock`, `hub.pid`
 * @throws the system's error, or SQLite's, where the directory cannot be written
 */
export async function lockDirectory(directory: string, kind: string): Promise<DirectoryLock> {
  const owner = join(directory, `${kind}.pid`);
  const lock = takeLock(join(directory, `${kind}.lock`));
  if (lock === null) {
    return { held: false, pid: (await readFile(owner, 'utf8').catch(() => '')).trim() || 'unknown' };
  }
  try {
    await writeFile(owner, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    held: true,
    release() {
      if (lock.isOpen) lock.close();
    },
  };
}

const SQLITE_BUSY = 5;

/** Null where another has it. */
function takeLock(file: string): DatabaseSync | null {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null;
    throw error;
  }
}
