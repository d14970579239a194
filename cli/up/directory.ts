import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FairwayError, messageOf } from '../../core/errors.ts';

/** Where everything that `fairway up` keeps lies below its data directory. */
export interface UpDirectory {
  readonly path: string;
  /** The hub's own data directory. */
  readonly hub: string;
  /** The fleet repository. */
  readonly fleet: string;
  readonly logs: string;
  /** The sandbox that plays a cluster. */
  cluster(name: string): string;
  /** The state of a cluster's agent. */
  agent(name: string): string;
}

/** Says that a directory is one of `fairway up`, which may be emptied when it is told to begin anew; and of which. */
const marker = 'up.json';
const kept = ['hub', 'fleet', 'fleet.new', 'clusters', 'agents', 'logs'];
/** A log beyond so many bytes makes room for a new one at the next start. */
const logLimit = 10 << 20;

export function layOut(path: string): UpDirectory {
  return {
    path,
    hub: join(path, 'hub'),
    fleet: join(path, 'fleet'),
    logs: join(path, 'logs'),
    cluster: (name) => join(path, 'clusters', name),
    agent: (name) => join(path, 'agents', name),
  };
}

/**
 * Makes sure that a directory is one of `fairway up`, before anything is written to it: a new or empty one, or one
 * that was taken before.
 * @param example what a new one is for
 * @returns what it is for
 * @throws FairwayError `up-directory-foreign`, `up-directory-unusable`
 */
export async function claimDirectory({ path }: UpDirectory, example: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const entries = await readdir(path);
    if (entries.includes(marker)) return (JSON.parse(await readFile(join(path, marker), 'utf8')) as Marker).example;
    // A lock is all that a start which was killed in its first moment leaves.
    if (entries.some((entry) => !entry.startsWith('hub.') && entry !== `${marker}.new`)) throw foreign(path);
    await mark(path, example);
    return example;
  } catch (error) {
    if (error instanceof FairwayError) throw error;
    throw new FairwayError('up-directory-unusable', `${path} cannot be used: ${messageOf(error)}`, {
      field: '--data-dir',
      remedy: 'give a directory that this user owns with --data-dir',
      cause: error,
    });
  }
}

/**
 * Forgets everything that was kept, and nothing that somebody else may have put beside it.
 * @param example what it is for from now on
 */
export async function emptyDirectory({ path }: UpDirectory, example: string): Promise<void> {
  for (const name of kept) {
    await rm(join(path, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  await mark(path, example);
}

interface Marker {
  readonly example: string;
}

async function mark(path: string, example: string): Promise<void> {
  const content: Marker = { example };
  await writeFile(join(path, `${marker}.new`), `${JSON.stringify(content)}\n`, { mode: 0o600 });
  await rename(join(path, `${marker}.new`), join(path, marker));
}

/** The file that a part logs to, in a folder that is made where it is missing. */
export async function openLog({ logs }: UpDirectory, part: string): Promise<string> {
  await mkdir(logs, { recursive: true, mode: 0o700 });
  const file = join(logs, `${part}.log`);
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size > logLimit) await rename(file, `${file}.old`);
  return file;
}

function foreign(path: string): FairwayError {
  return new FairwayError('up-directory-foreign', `${path} holds something else than a fleet of \`fairway up\``, {
    field: '--data-dir',
    remedy: 'give an empty directory, or one that does not exist yet, with --data-dir',
  });
}
