import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** The programs that a cluster is made of, by the ecosystem's convention in one folder. */
const kubePrograms = ['etcd', 'kube-apiserver', 'kubectl'] as const;

/**
 * The folder that `KUBEBUILDER_ASSETS` names.
 * @returns its path, or why no real API server can be started.
 */
export function findAssets(environment: NodeJS.ProcessEnv = process.env): { path: string } | { missing: string } {
  const path = environment.KUBEBUILDER_ASSETS;
  if (path === undefined || path === '') return { missing: 'KUBEBUILDER_ASSETS is not set' };
  const absent = kubePrograms.filter((program) => !isExecutable(join(path, program)));
  return absent.length === 0 ? { path } : { missing: `KUBEBUILDER_ASSETS (${path}) lacks ${absent.join(', ')}` };
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
