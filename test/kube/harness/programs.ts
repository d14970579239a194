import { execFile } from 'node:child_process';

/** Where everything of one cluster is. */
export interface ClusterPlan {
  readonly etcd: { readonly url: string; readonly peerUrl: string; readonly folder: string };
  readonly apiServer: { readonly port: number };
  readonly kubeconfig: string;
  /** Paths of PEM files. */
  readonly files: {
    readonly ca: string;
    readonly serverCertificate: string;
    readonly serverKey: string;
    readonly accountsPrivate: string;
    readonly accountsPublic: string;
  };
}

export function etcdArguments({ etcd }: ClusterPlan): string[] {
  return [
    `--data-dir=${etcd.folder}`,
    `--listen-client-urls=${etcd.url}`,
    `--advertise-client-urls=${etcd.url}`,
    `--listen-peer-urls=${etcd.peerUrl}`,
    '--unsafe-no-fsync',
  ];
}

export function apiServerArguments({ etcd, apiServer, files }: ClusterPlan): string[] {
  return [
    `--etcd-servers=${etcd.url}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${apiServer.port}`,
    `--client-ca-file=${files.ca}`,
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${files.accountsPrivate}`,
    `--service-account-key-file=${files.accountsPublic}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--endpoint-reconciler-type=none',
    // Nobody issues the token that this plugin would wait for before it admits a Pod.
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
  ];
}

/** @param program its path: what it takes depends on its version */
export async function controllerManagerArguments(program: string, plan: ClusterPlan): Promise<string[]> {
  const version = await run(program, ['--version']);
  const minor = Number(/v1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);
  return [
    `--kubeconfig=${plan.kubeconfig}`,
    '--leader-elect=false',
    '--use-service-account-credentials=false',
    `--service-account-private-key-file=${plan.files.accountsPrivate}`,
    `--root-ca-file=${plan.files.ca}`,
    '--secure-port=0',
    // Up to 1.23 it listens on a fixed plain port too, on which two of them would clash.
    ...(minor < 24 ? ['--port=0'] : []),
  ];
}

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws Error with its standard error where it fails
 */
export function run(program: string, args: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr || error.message));
    });
    child.stdin?.on('error', () => undefined); // It ended without reading; its exit code tells the rest.
    child.stdin?.end(stdin);
  });
}
