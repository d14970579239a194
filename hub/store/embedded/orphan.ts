import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FairwayError } from '../../../core/errors.ts';

/** Milliseconds for a PostgreSQL without its hub to stop: it ends its sessions, and writes what is in memory. */
const STOP_WITHIN = 30_000;

/**
 * Stops a PostgreSQL that outlived its hub, and removes what would keep the next from starting. Call it under the
 * data directory's lock, which says that no hub uses the cluster.
 * @returns the process id of the one that was stopped, if any
 * @throws FairwayError `postgres-orphan` if it does not stop
 */
export async function stopOrphan(cluster: string): Promise<number | undefined> {
  const pid = await postmasterPid(cluster);
  const orphan = pid !== undefined && (await isServerOf(pid, cluster)) ? pid : undefined;
  if (orphan !== undefined) {
    process.kill(orphan, 'SIGINT');
    const deadline = Date.now() + STOP_WITHIN;
    while (await isServerOf(orphan, cluster)) {
      if (Date.now() > deadline) {
        throw new FairwayError('postgres-orphan', `PostgreSQL (process ${orphan}) of a hub that died does not stop.`, {
          remedy: `End process ${orphan}, and start the hub again.`,
        });
      }
      await sleep(20);
    }
  }
  // Only now: PostgreSQL keeps a second one out by these files, and removes them itself unless it was killed.
  for (const file of ['postmaster.pid', '.s.PGSQL.5432', '.s.PGSQL.5432.lock']) {
    await rm(join(cluster, file), { force: true });
  }
  return orphan;
}

async function postmasterPid(cluster: string): Promise<number | undefined> {
  const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(content, 10);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** Ids of processes are used again: that there is one does not say that it is PostgreSQL, nor that it serves this cluster. */
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (await stat('/proc/self/cwd').catch(() => undefined)) {
    // A zombie has no working directory: it is gone but for its parent's notice.
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return directory !== undefined && directory === (await realpath(cluster).catch(() => cluster));
  }
  const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'stat=,args=']).catch(() => ({
    stdout: '',
  }));
  return !stdout.trim().startsWith('Z') && stdout.includes('postgres') && stdout.includes(cluster);
}
