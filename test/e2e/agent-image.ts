import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { KubeCluster } from '../kube/harness/cluster.ts';
import { runStep } from './build-context.ts';
import { readDockerfile } from './dockerfile.ts';

const project = resolve(import.meta.dirname, '../..');
const namespace = 'fairway-system';

/** Makes the agent's image as a folder, by the very script that its Dockerfile runs. */
export async function makeAgentImage(folder: string, checkout = project): Promise<void> {
  await runStep(['sh', 'deploy/docker/agent.sh', folder], checkout);
}

/** Whether this machine lets a process have another root directory; says so aloud where it does not. */
export async function hasRoots(): Promise<boolean> {
  const [command, ...args] = inRoot('/', ['/bin/true']);
  return promisify(execFile)(command, args).then(
    () => true,
    () => {
      process.stderr.write('SKIPPED: nothing may change its root here, so images are not tried as folders\n');
      return false;
    },
  );
}

/**
 * With /proc, as the image's own user where the caller is root; else in a user namespace of its own. Each program runs
 * the next in its place, so that the process started is the command itself.
 */
function inRoot(root: string, command: readonly string[]): [string, ...string[]] {
  const isRoot = process.getuid?.() === 0;
  const mounted = ['sh', '-c', 'mount --rbind /proc "$0/proc" && exec "$@"', root];
  const user = isRoot ? ['--userspec=65532:65532'] : [];
  return [
    'unshare',
    ...(isRoot ? [] : ['--map-root-user']),
    '--mount',
    ...mounted,
    'chroot',
    ...user,
    root,
    ...command,
  ];
}

export interface ContainedAgent {
  readonly pid: number;
  output(): string;
  /** Sends a signal and waits; resolves to the exit code, null where a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Runs the image's command with the folder as its root directory, as a container does: nobody's account, no file of
 * this machine, the service account's files where the kubelet puts them, and a root file system that it cannot write.
 */
export async function startContainedAgent(options: {
  readonly image: string;
  readonly cluster: KubeCluster;
  readonly hub: string;
  readonly joinToken?: string;
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<ContainedAgent> {
  const { image, cluster, logFile } = options;
  const { hostname, port } = new URL(cluster.url);
  const account = join(image, 'var/run/secrets/kubernetes.io/serviceaccount');
  await mkdir(account, { recursive: true });
  await writeFile(join(account, 'token'), await accountToken(cluster));
  await writeFile(join(account, 'ca.crt'), cluster.keys.ca);
  await writeFile(join(account, 'namespace'), namespace);
  await cp('/etc/hosts', join(image, 'etc/hosts'));

  const { command, env } = readDockerfile('agent.Dockerfile');
  const [program, ...args] = inRoot(image, command);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      ...env,
      FAIRWAY_HUB: options.hub,
      FAIRWAY_JOIN_TOKEN: options.joinToken,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      ...options.env,
    },
  });
  closeSync(log);
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  return {
    pid: child.pid ?? -1,
    output: () => readFileSync(logFile, 'utf8'),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** A token of the service account that `cluster register -o manifest` creates. */
async function accountToken(cluster: KubeCluster): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/fairway-agent/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await cluster.kubectl(['create', `--raw=${path}`, '-f', '-'], JSON.stringify(request));
  return (JSON.parse(answer) as { status: { token: string } }).status.token;
}
