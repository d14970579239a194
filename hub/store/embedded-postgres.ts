import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { FairwayError } from '../../core/errors.ts';
import { clusterArgument, serverAccount, serverEnvironment } from './embedded/account.ts';
import { findBinaryPackage, prepareBinaries } from './embedded/binaries.ts';
import { database, initialiseCluster, role } from './embedded/initialise.ts';
import { stopOrphan } from './embedded/orphan.ts';
import { socketDirectory } from './embedded/socket.ts';

/** A real PostgreSQL that lives and dies with this process and is reached over a Unix socket alone. */
export interface EmbeddedPostgres {
  /** For `pg`: `host` is the directory of the socket. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
  };
  /** Of the server itself. */
  readonly pid: number;
  /** Settles when the server has ended: with an error unless it was told to stop. */
  readonly ended: Promise<FairwayError | undefined>;
  /** Ends its sessions, writes what is in memory, and waits until it is gone. */
  stop(): Promise<void>;
}

/** Milliseconds. Recovery after a crash replays at most one checkpoint's log. */
const START_WITHIN = 60_000;
const STOP_WITHIN = 30_000;

/** For one hub on a small machine; `fsync` and `synchronous_commit` stay on. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  port: '5432',
  max_connections: '120',
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  effective_cache_size: '256MB',
  max_wal_size: '512MB',
  random_page_cost: '1.1',
  jit: 'off',
  io_method: 'sync',
  log_checkpoints: 'off',
  log_line_prefix: '',
  // A statement or the detail of an error may hold what somebody keeps secret.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/**
 * Runs PostgreSQL, and stops it when its third descriptor is closed: by `stop`, or by the kernel when the hub dies,
 * however it dies. In plain sh, so that it needs nothing that a platform may lack.
 */
const guardian = `
"$@" <&- 3<&- & server=$!
{ read -r _ <&3; kill -INT $server; } 2>/dev/null & guard=$!
wait $server; status=$?
kill $guard 2>/dev/null
exit $status`;

/**
 * Starts PostgreSQL on `directory/postgres`, which is created when it is missing; a server that outlived its hub is
 * stopped first. Call it under the data directory's lock.
 * @param directory the hub's data directory
 * @throws FairwayError `postgres-missing`, `postgres-unusable`, `postgres-initdb-failed`, `postgres-orphan`,
 * `postgres-start-failed`, `data-directory-owner`, `data-directory-version`
 */
export async function startEmbeddedPostgres(directory: string, log: Logger): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') {
    throw new FairwayError('postgres-unusable', 'The embedded PostgreSQL needs Unix sockets, which Windows lacks.', {
      remedy: 'Give the hub a PostgreSQL 15 or later with --database-url.',
    });
  }
  const cluster = join(resolve(directory), 'postgres');
  const binaries = await prepareBinaries(await findBinaryPackage(), directory);
  await initialiseCluster(cluster, binaries);
  const orphan = await stopOrphan(cluster);
  if (orphan !== undefined) log.warn({ pid: orphan }, 'stopped a PostgreSQL that outlived its hub');
  const socket = await socketDirectory(cluster);

  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [binaries.postgres, '-D', clusterArgument(cluster), ...options];
  const child = spawn('/bin/sh', ['-c', guardian, 'fairway-postgres', ...command], {
    ...serverAccount(),
    cwd: cluster,
    env: serverEnvironment,
    // A session of its own: Ctrl-C in a terminal reaches the hub, which stops PostgreSQL last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const lastWords = forwardLog(child, log);

  let stopping = false;
  const ended = new Promise<FairwayError | undefined>((settle) => {
    const end = (how: string) =>
      settle(stopping ? undefined : new FairwayError('postgres-ended', `PostgreSQL ended ${how}. ${lastWords()}`));
    child.once('error', (error) => end(`before it began: ${error.message}`));
    child.once('close', (status, signal) => end(`with ${signal ?? `status ${status}`}.`));
  });

  const stop = async () => {
    stopping = true;
    child.stdio[3]?.destroy();
    const late = sleep(STOP_WITHIN, 'late' as const, { ref: false });
    if ((await Promise.race([ended, late])) === 'late' && child.pid !== undefined) {
      log.error('PostgreSQL did not stop in time and is ended; it recovers at the next start');
      process.kill(-child.pid, 'SIGQUIT');
      await ended;
    }
    await socket.remove();
  };

  try {
    const pid = await untilReady(cluster, ended);
    log.debug({ pid, version: binaries.version }, 'embedded PostgreSQL is ready');
    return { connection: { host: socket.path, port: 5432, user: role, database }, pid, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The last line of `postmaster.pid` is the server's state. */
async function untilReady(cluster: string, ended: Promise<FairwayError | undefined>): Promise<number> {
  const deadline = Date.now() + START_WITHIN;
  while (Date.now() < deadline) {
    const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
    const lines = content.split('\n');
    if (lines[7]?.trim() === 'ready') return Number(lines[0]);
    const end = await Promise.race([ended.then((error) => ({ error })), sleep(10)]);
    if (end?.error !== undefined) {
      throw new FairwayError('postgres-start-failed', end.error.message, {
        remedy: 'Mend what it names, or give the hub a PostgreSQL with --database-url.',
        cause: end.error,
      });
    }
  }
  throw new FairwayError('postgres-start-failed', `PostgreSQL was not ready within ${START_WITHIN / 1000} s.`);
}

/**
 * Passes on what the server says, problems as warnings.
 * @returns gives its last lines, for the error of a server that ended
 */
function forwardLog(child: ChildProcess, log: Logger): () => string {
  const last: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      last.push(line);
      if (last.length > 10) last.shift();
      const level = /^(FATAL|PANIC|WARNING):/.test(line) ? 'warn' : 'debug';
      log[level]({ line }, 'PostgreSQL');
    });
  }
  return () => last.join('\n');
}
