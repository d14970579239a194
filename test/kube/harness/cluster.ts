import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { findAssets } from './assets.ts';
import { type ClusterKeys, createClusterKeys } from './certificates.ts';
import { type Child, startChild } from './child.ts';
import { freePorts } from './ports.ts';

export interface ClusterOptions {
  /** Names the temporary folder, so that a failure can be told apart. */
  readonly name?: string;
  /** Real garbage collection, deletion of namespaces, Deployments and Jobs. */
  readonly controllerManager?: boolean;
  /** Further arguments of kube-apiserver. */
  readonly apiServerArguments?: readonly string[];
}

export interface KubeCluster {
  readonly name: string;
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly keys: ClusterKeys;
  readonly kubeconfigPath: string;
  /** The administrator's, with everything inline. */
  readonly kubeconfig: string;
  readonly etcdUrl: string;
  /** Standard output of a call as administrator; rejects with standard error where it fails. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Kills the API server and starts it again on the same port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const startDeadline = 90_000;

/**
 * A Kubernetes control plane of its own: etcd, kube-apiserver with RBAC, and on wish the controller manager, on free
 * loopback ports and in a temporary folder. There is no kubelet: Pods stay Pending until a test plays them.
 * A kube-apiserver of 1.20 that Go 1.18 or later built dies at the first custom resource (its reflect2 reads maps in a
 * way that those no longer have): there a test may create CRDs, but no object of theirs.
 * @throws Error with the last lines of the program that did not come up.
 */
export async function startKubeCluster(options: ClusterOptions = {}): Promise<KubeCluster> {
  const assets = findAssets();
  if ('missing' in assets) throw new Error(assets.missing);
  const name = options.name ?? 'cluster';
  const folder = mkdtempSync(join(tmpdir(), `fairway-kube-${name}-`));
  const keys = await createClusterKeys();
  const file = (leaf: string, content?: string) => {
    const path = join(folder, leaf);
    if (content !== undefined) writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const program = (leaf: string, args: readonly string[]) =>
    startChild(join(assets.path, leaf), args, file(`${leaf}.log`));
  const paths = {
    ca: file('ca.crt', keys.ca),
    serverCertificate: file('server.crt', keys.server.certificate),
    serverKey: file('server.key', keys.server.key),
    accountsPrivate: file('accounts.key', keys.serviceAccounts.privateKey),
    accountsPublic: file('accounts.pub', keys.serviceAccounts.publicKey),
  };
  const tls = new Agent({
    connect: { ca: keys.ca, cert: keys.admin.certificate, key: keys.admin.key },
  });

  const [etcdPort, peerPort, apiPort] = (await freePorts(3)) as [number, number, number];
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const url = `https://127.0.0.1:${apiPort}`;
  const kubeconfig = adminKubeconfig(name, url, keys);
  const kubeconfigPath = file('kubeconfig', kubeconfig);
  const children: Child[] = [];

  const startApiServer = () =>
    program('kube-apiserver', [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      `--client-ca-file=${paths.ca}`,
      `--tls-cert-file=${paths.serverCertificate}`,
      `--tls-private-key-file=${paths.serverKey}`,
      '--authorization-mode=Node,RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${paths.accountsPrivate}`,
      `--service-account-key-file=${paths.accountsPublic}`,
      '--service-cluster-ip-range=10.0.0.0/24',
      '--endpoint-reconciler-type=none',
      // Nobody issues the token that this plugin would wait for before it admits a Pod.
      '--disable-admission-plugins=ServiceAccount',
      '--allow-privileged=true',
      ...(options.apiServerArguments ?? []),
    ]);
  const ready = (child: Child) =>
    answers(`${url}/readyz`, child, tls).then(() => answers(`${url}/api/v1/namespaces/default`, child, tls));

  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await tls.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  let apiServer: Child;
  try {
    mkdirSync(file('etcd'), { mode: 0o700 });
    children.push(
      program('etcd', [
        `--data-dir=${file('etcd')}`,
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
        '--unsafe-no-fsync',
      ]),
    );
    apiServer = startApiServer();
    children.push(apiServer);
    await ready(apiServer);
    if (options.controllerManager === true) {
      children.push(
        program('kube-controller-manager', [
          `--kubeconfig=${kubeconfigPath}`,
          '--leader-elect=false',
          '--use-service-account-credentials=false',
          `--service-account-private-key-file=${paths.accountsPrivate}`,
          `--root-ca-file=${paths.ca}`,
          '--secure-port=0',
          ...(await insecurePortOff(join(assets.path, 'kube-controller-manager'))),
          '--concurrent-gc-syncs=10',
        ]),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    name,
    url,
    keys,
    kubeconfig,
    kubeconfigPath,
    etcdUrl,
    stop,
    async restart() {
      children.splice(children.indexOf(apiServer), 1);
      await apiServer.stop();
      apiServer = startApiServer();
      children.push(apiServer);
      await ready(apiServer);
    },
    kubectl: (args, stdin) =>
      run(
        join(assets.path, 'kubectl'),
        [`--kubeconfig=${kubeconfigPath}`, `--cache-dir=${file('kubectl-cache')}`, ...args],
        stdin,
      ),
  };
}

/** Up to 1.23 the controller manager listens on a fixed plain port too, and two of them would clash; later it has no such flag. */
async function insecurePortOff(controllerManager: string): Promise<string[]> {
  const version = await run(controllerManager, ['--version']);
  const minor = Number(/v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
  return minor < 24 ? ['--port=0'] : [];
}

async function answers(url: string, child: Child, dispatcher: Agent): Promise<void> {
  const deadline = Date.now() + startDeadline;
  let last = 'no answer';
  while (Date.now() < deadline) {
    const ended = child.ended();
    if (ended !== null) throw new Error(`kube-apiserver ended (${ended}):\n${child.log()}`);
    try {
      const response = await request(url, { dispatcher });
      last = `${response.statusCode} ${await response.body.text()}`;
      if (response.statusCode === 200) return;
    } catch (error) {
      last = String(error);
    }
    await sleep(100);
  }
  throw new Error(`${url} is not ready after ${startDeadline / 1000} s: ${last}\n${child.log()}`);
}

function run(program: string, args: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr || error.message));
    });
    child.stdin?.end(stdin);
  });
}

function adminKubeconfig(name: string, server: string, keys: ClusterKeys): string {
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(keys.ca) } }],
    users: [
      {
        name: 'admin',
        user: {
          'client-certificate-data': base64(keys.admin.certificate),
          'client-key-data': base64(keys.admin.key),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: 'admin' } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`; // JSON is YAML.
}
