import { chmod, mkdir, realpath } from 'node:fs/promises';
import { FairwayError, messageOf } from '../../core/errors.ts';
import { lockDirectory } from '../../telemetry/directory-lock.ts';

/** The folder of one agent, which no other agent uses until it is released or this process ends. */
export interface AgentDirectory {
  /** Absolute, without symbolic links. */
  readonly path: string;
  release(): void;
}

/**
 * Creates the folder for its owner's eyes alone, and takes it: two agents that wrote one state would undo each other.
 * @throws FairwayError `data-directory-in-use`, which names the process; `data-directory-unusable`
 */
export async function openAgentDirectory(path: string): Promise<AgentDirectory> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const directory = await realpath(path);
    await chmod(directory, 0o700);
    const lock = await lockDirectory(directory, 'agent');
    if (lock.held) return { path: directory, release: lock.release };
    throw new FairwayError('data-directory-in-use', `Another agent (process ${lock.pid}) uses ${directory}.`, {
      field: 'FAIRWAY_DATA_DIR',
      remedy: 'Stop that agent, or give this one another directory with --data-dir: one for each agent.',
      details: { pid: lock.pid },
    });
  } catch (cause) {
    if (cause instanceof FairwayError) throw cause;
    throw new FairwayError(
      'data-directory-unusable',
      `The data directory ${path} cannot be used: ${messageOf(cause)}`,
      {
        field: 'FAIRWAY_DATA_DIR',
        remedy: 'Give a directory with --data-dir that this user can write, on a disk with room.',
        cause,
      },
    );
  }
}
