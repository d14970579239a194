import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { runProgram, serverAccount, serverEnvironment } from '../../hub/store/embedded/account.ts';
import { findBinaryPackage, prepareBinaries } from '../../hub/store/embedded/binaries.ts';
import { freePorts } from '../kube/harness/ports.ts';
import { until } from '../until.ts';

export interface TcpPostgres {
  readonly port: number;
  /** `postgres://…` */
  readonly url: string;
  /** Ends it as a failing machine does, and starts it again on what reached the disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL that is reached as a hub's own one is: over TCP, with a password, in an empty database. */
export async function startTcpPostgres(login: {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}): Promise<TcpPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-postgres-'));
  const programs = await prepareBinaries(await findBinaryPackage(), directory);
  const [port = 0] = await freePorts(1);
  const data = await mkdtemp(join(tmpdir(), 'fairway-postgres-data-'));
  const passwordFile = join(data, 'password');
  await writeFile(passwordFile, login.password);
  const account = serverAccount();
  if (account !== undefined) {
    for (const path of [data, passwordFile]) await chown(path, account.uid, account.gid);
  }
  await chmod(data, 0o700);
  const cluster = join(data, 'cluster');
  const initialise = ['-D', cluster, `--username=${login.user}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const { status, output } = await runProgram(programs.initdb, initialise, data);
  if (status !== 0) throw new Error(output);

  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off'];
  const start = () =>
    spawn(programs.postgres, ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])], {
      ...account,
      cwd: data,
      env: serverEnvironment,
      stdio: 'ignore',
    });
  let server = start();
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  const administer = async (statement: string) => {
    const client = new pg.Client({ ...login, host: '127.0.0.1', port, database: 'postgres' });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  const answers = () =>
    administer('select 1').then(
      () => true,
      () => false,
    );
  await until(answers, { what: 'PostgreSQL answers over TCP' });
  await administer(`create database ${login.database}`);
  return {
    port,
    url: `postgres://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${port}/${login.database}`,
    async restart() {
      await end('SIGQUIT');
      server = start();
      await until(answers, { what: 'PostgreSQL answers again' });
    },
    async stop() {
      await end('SIGINT');
      await rm(directory, { recursive: true, force: true });
      await rm(data, { recursive: true, force: true });
    },
  };
}
