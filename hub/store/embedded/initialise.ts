import { chmod, chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FairwayError } from '../../../core/errors.ts';
import { clusterArgument, runProgram, serverAccount } from './account.ts';
import type { Binaries } from './binaries.ts';

/** The role that owns everything, and the database that the hub uses. */
export const role = 'fairway';
export const database = 'postgres';

/**
 * Creates the cluster, once. It is made beside its place and moved there when it stands, so that a crash in between
 * leaves nothing that looks like a cluster.
 * @throws FairwayError `postgres-initdb-failed`, `data-directory-owner`, `data-directory-version`
 */
export async function initialiseCluster(cluster: string, binaries: Binaries): Promise<void> {
  const existing = await stat(join(cluster, 'PG_VERSION')).catch(() => undefined);
  if (existing !== undefined) return checkCluster(cluster, existing.uid, binaries);

  const unfinished = `${cluster}.new`;
  // The initdb of a hub that was killed may be writing there still.
  await rm(unfinished, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
  await mkdir(unfinished, { mode: 0o700 });
  await chmod(unfinished, 0o700);
  const account = serverAccount();
  if (account !== undefined) await chown(unfinished, account.uid, account.gid);

  const parameters = [
    `--pgdata=${clusterArgument(unfinished)}`,
    `--username=${role}`,
    // Who can reach the socket is decided by its directory, which is 0700.
    '--auth=trust',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  const { status, output } = await runProgram(binaries.initdb, parameters, unfinished);
  if (status !== 0) {
    throw new FairwayError('postgres-initdb-failed', `The embedded PostgreSQL could not be set up: ${output}`, {
      remedy: output.includes('could not look up effective user')
        ? 'Start the hub as a user that has a name (in /etc/passwd), or give it a PostgreSQL with --database-url.'
        : 'Mend what it names, or give the hub a PostgreSQL with --database-url.',
    });
  }
  await rename(unfinished, cluster);
  const parent = await open(dirname(cluster));
  await parent.sync().finally(() => parent.close());
}

async function checkCluster(cluster: string, owner: number, binaries: Binaries): Promise<void> {
  const expected = serverAccount()?.uid ?? process.getuid?.() ?? owner;
  if (owner !== expected) {
    throw new FairwayError(
      'data-directory-owner',
      `The database in ${cluster} belongs to user ${owner}, and this hub's would run as user ${expected}.`,
      { remedy: `Start the hub as the user that it ran as before, or \`chown -R ${expected} ${cluster}\`.` },
    );
  }
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (version !== binaries.version.split('.')[0]) {
    throw new FairwayError(
      'data-directory-version',
      `The database in ${cluster} was made by PostgreSQL ${version}, and this is ${binaries.version}.`,
      { remedy: `Start the version of Fairway that made it, or move the data with pg_dump and pg_restore.` },
    );
  }
}
