import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRepository, type TestRepository } from './repository.ts';

/** An OpenSSH server on a free loopback port, that serves Git repositories to one key. */
export interface SshServer {
  /** Of the key that it admits. */
  readonly privateKey: string;
  readonly knownHosts: string;
  createRepository(name: string): Promise<TestRepository>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

const program = '/usr/sbin/sshd';

/** Is an OpenSSH server installed here? */
export function canServeSsh(): Promise<boolean> {
  return access(program).then(
    () => true,
    () => false,
  );
}

export async function startSshServer(): Promise<SshServer> {
  const root = await mkdtemp(join(tmpdir(), 'fairway-ssh-'));
  await chmod(root, 0o755);
  const keygen = (name: string) =>
    promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, name)]);
  await Promise.all([keygen('host'), keygen('client')]);
  const port = await freePort();
  const publicKey = await readFile(join(root, 'client.pub'), 'utf8');
  await writeFile(join(root, 'authorized_keys'), publicKey, { mode: 0o600 });
  await writeFile(
    join(root, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(root, 'host')}`,
      `AuthorizedKeysFile ${join(root, 'authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
    ].join('\n'),
  );
  const hostKey = (await readFile(join(root, 'host.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true });

  let server: ChildProcess | null = null;
  const comeBack = async () => {
    server = spawn(program, ['-D', '-e', '-f', join(root, 'sshd_config')], { stdio: 'ignore' });
    await listening(port);
  };
  const goAway = async () => {
    const ending = server;
    server = null;
    if (ending === null || ending.exitCode !== null) return;
    ending.kill();
    await once(ending, 'exit');
  };
  await comeBack();
  return {
    privateKey: await readFile(join(root, 'client'), 'utf8'),
    knownHosts: `[127.0.0.1]:${port} ${hostKey}\n`,
    createRepository: (name) =>
      createRepository(root, name, (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`),
    goAway,
    comeBack,
    async stop() {
      await goAway();
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`sshd does not listen on port ${port}`);
}
