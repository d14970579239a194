import { createKube, type KubeClient, type KubeOptions } from '../../../agent/kube/client.ts';
import { kubeconfigCredentials } from '../../../agent/kube/kubeconfig.ts';
import type { KubeCluster } from './cluster.ts';

/** The agent's own client of a cluster, as its administrator. */
export async function kubeFor(cluster: KubeCluster, options: KubeOptions = {}): Promise<KubeClient> {
  return createKube(await kubeconfigCredentials(cluster.kubeconfigPath), options);
}
