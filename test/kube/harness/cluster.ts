import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { findAssets, isExecutable } from './assets.ts';
import { type ClusterKeys, createClusterKeys } from './certificates.ts';
import { type Child, startChild } from './child.ts';
import { freePorts } from './ports.ts';
import { apiServerArguments, type ClusterPlan, controllerManagerArguments, etcdArguments, run } from './programs.ts';
import { untilReady } from './ready.ts';

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

/**
 * A Kubernetes control plane of its own: etcd, kube-apiserver with RBAC, and on wish the controller manager, on free
 * loopback ports and in a temporary folder. There is no kubelet: Pods stay Pending until a test plays them.
 * A kube-apiserver of 1.20 that Go 1.18 or later built dies at the first custom resource (its reflect2 reads maps in a
 * way that those no longer have): there a test may create CRDs, but no object of theirs.
 * @throws Error with the last lines of the program that did not come up.
 */
export async function startKubeCluster(options: ClusterOptions = {}): Promise<KubeCluster> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(options);
    } catch (error) {
      const lostPort = error instanceof Error && error.message.includes('address already in use');
      if (!lostPort || tries >= 3) throw error;
    }
  }
}

async function start(options: ClusterOptions): Promise<KubeCluster> {
  const assets = findAssets();
  if ('missing' in assets) throw new Error(assets.missing);
  const program = (leaf: string) => join(assets.path, leaf);
  if (options.controllerManager === true && !isExecutable(program('kube-controller-manager'))) {
    throw new Error(`KUBEBUILDER_ASSETS (${assets.path}) lacks kube-controller-manager`);
  }
  const name = options.name ?? 'cluster';
  const folder = mkdtempSync(join(tmpdir(), `fairway-kube-${name}-`));
  const keys = await createClusterKeys();
  const [etcdPort, peerPort, apiPort] = (await freePorts(3)) as [number, number, number];
  const url = `https://127.0.0.1:${apiPort}`;
  const kubeconfig = adminKubeconfig(name, url, keys);
  const file = (leaf: string, content: string) => {
    writeFileSync(join(folder, leaf), content, { mode: 0o600 });
    return join(folder, leaf);
  };
  const plan: ClusterPlan = {
    etcd: {
      url: `http://127.0.0.1:${etcdPort}`,
      peerUrl: `http://127.0.0.1:${peerPort}`,
      folder: mkdtempSync(join(folder, 'etcd-')),
    },
    apiServer: { port: apiPort },
    kubeconfig: file('kubeconfig', kubeconfig),
    files: {
      ca: file('ca.crt', keys.ca),
      serverCertificate: file('server.crt', keys.server.certificate),
      serverKey: file('server.key', keys.server.key),
      accountsPrivate: file('accounts.key', keys.serviceAccounts.privateKey),
      accountsPublic: file('accounts.pub', keys.serviceAccounts.publicKey),
    },
  };
  const launch = (leaf: string, args: readonly string[]) =>
    startChild(program(leaf), args, join(folder, `${leaf}.log`));
  const launchApiServer = () =>
    launch('kube-apiserver', [...apiServerArguments(plan), ...(options.apiServerArguments ?? [])]);

  const admin = new Agent({ connect: { ca: keys.ca, cert: keys.admin.certificate, key: keys.admin.key } });
  const etcd = launch('etcd', etcdArguments(plan));
  let apiServer = launchApiServer();
  let controllerManager: Child | null = null;
  const ready = async () => {
    for (const path of ['/readyz', '/api/v1/namespaces/default']) {
      await untilReady(url + path, [etcd, apiServer], admin);
    }
  };
  const stop = async () => {
    await Promise.all([controllerManager, apiServer, etcd].map((child) => child?.stop()));
    await admin.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready();
    if (options.controllerManager === true) {
      const leaf = 'kube-controller-manager';
      controllerManager = launch(leaf, await controllerManagerArguments(program(leaf), plan));
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
    kubeconfigPath: plan.kubeconfig,
    etcdUrl: plan.etcd.url,
    stop,
    async restart() {
      await apiServer.stop();
      apiServer = launchApiServer();
      await ready();
    },
    kubectl(args, stdin) {
      const own = [`--kubeconfig=${plan.kubeconfig}`, `--cache-dir=${join(folder, 'kubectl-cache')}`];
      return run(program('kubectl'), [...own, ...args], stdin);
    },
  };
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
