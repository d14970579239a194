import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes that a Unix socket's path may have, the smallest of any platform (macOS), less `/.s.PGSQL.5432`. */
const LONGEST_DIRECTORY = 103 - '/.s.PGSQL.5432'.length;

/**
 * A path to the cluster that is short enough for a socket's: itself, or a symbolic link in a private temporary
 * directory. The server needs none: it works in the cluster and names its socket relative to that.
 * @returns the path, and what removes it
 */
export async function socketDirectory(cluster: string): Promise<{ path: string; remove(): Promise<void> }> {
  if (Buffer.byteLength(cluster) <= LONGEST_DIRECTORY) return { path: cluster, remove: async () => undefined };

  const prefix = `fairway-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}-`;
  await removeLeftovers(prefix);
  const directory = await mkdtemp(join(tmpdir(), prefix));
  const path = join(directory, 'db');
  await symlink(cluster, path);
  return { path, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** Of hubs on this directory that were killed. */
async function removeLeftovers(prefix: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const path = join(tmpdir(), name);
    const found = await stat(path).catch(() => undefined);
    if (found?.uid === process.getuid?.()) await rm(path, { recursive: true, force: true });
  }
}
