import { chmod, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { fileNameOf, nameOfFile } from './file-name.ts';
import { type State, StateCorrupt } from './port.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { createSequence } from './sequence.ts';

const temporary = '.tmp';

/**
 * State in a folder that only this user can read, one file a record. A record is written beside the old one, forced
 * to the disk, and put in its place: after a crash at any point one of the two is there, whole (X1).
 * @param folder is created where it is missing; it belongs to one process at a time
 */
export async function openDiskState(folder: string): Promise<State> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  for (const leftover of await readdir(folder)) {
    if (leftover.endsWith(temporary)) await rm(join(folder, leftover), { force: true });
  }
  const inOrder = createSequence();

  return {
    read: (name) =>
      inOrder(name, async () => {
        const stored = await readOrNull(name, join(folder, fileNameOf(name)));
        return stored === null ? null : decodeRecord(name, stored);
      }),

    write: (name, content) =>
      inOrder(name, async () => {
        const path = join(folder, fileNameOf(name));
        try {
          await writeDurably(path + temporary, encodeRecord(name, content));
          await rename(path + temporary, path);
        } catch (error) {
          // Where this fails too, the next start clears it away.
          await rm(path + temporary, { force: true }).catch(() => undefined);
          throw unwritable(folder, error);
        }
        await syncFolder(folder);
      }),

    remove: (name) =>
      inOrder(name, async () => {
        await rm(join(folder, fileNameOf(name)), { force: true });
        await syncFolder(folder);
      }),

    async list(prefix) {
      const names = (await readdir(folder)).map(nameOfFile).filter((name) => name !== null);
      return names.filter((name) => name.startsWith(prefix)).sort();
    },
  };
}

/** What makes a file unreadable for good: the record is lost, and may be replaced. */
const lost = new Set(['EACCES', 'EPERM', 'EIO']);

async function readOrNull(name: string, path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (lost.has(code)) throw new StateCorrupt(name, `the record ${JSON.stringify(name)} cannot be read: ${code}`);
    throw error;
  }
}

function unwritable(folder: string, cause: unknown): FairwayError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code === 'EROFS' ? 'it is read-only' : null;
  return new FairwayError('state-unwritable', `The state in ${folder} cannot be written: ${why ?? messageOf(cause)}.`, {
    field: 'FAIRWAY_DATA_DIR',
    retry: 'again',
    remedy: why === 'the disk is full' ? 'Make room on its disk.' : 'Let this user write there.',
    cause,
  });
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes durable that a name in the folder stands for another file now. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
