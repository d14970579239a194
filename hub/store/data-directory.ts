import { chmod, mkdir, realpath } from 'node:fs/promises';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { lockDirectory } from '../../telemetry/directory-lock.ts';

/** The hub's own directory, which no other hub uses until it is released or this process ends. */
export interface DataDirectory {
  /** Absolute, without symbolic links. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Creates the directory for its owner's eyes alone, and locks it.
 * @throws FairwayError `data-directory-in-use`, `data-directory-unusable`
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const directory = await createDirectory(path);
  const lock = await lockDirectory(directory, 'hub');
  if (!lock.held) {
    const { pid } = lock;
    throw new FairwayError('data-directory-in-use', `Another hub (process ${pid}) uses ${directory}.`, {
      field: 'FAIRWAY_DATA_DIR',
      remedy: 'Stop that hub, or give this one another directory with --data-dir.',
      details: { pid },
    });
  }
  return { path: directory, release: async () => lock.release() };
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
