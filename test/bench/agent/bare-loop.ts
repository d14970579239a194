import { Pool } from 'undici';
import { objectPath } from '../../../agent/kube/paths.ts';
import type { Kube } from '../../../agent/kube/port.ts';
import { bounded } from '../../../agent/reconcile/bounded.ts';
import { wantedObject } from '../../../core/apply/desired.ts';
import { fieldManager, groupOf, type KubeObject } from '../../../core/objects/object.ts';
import type { KubeCluster } from '../../kube/harness/cluster.ts';

/** What a loop took that does nothing but send: milliseconds, and seconds of this process's CPU. */
export interface BareLoop {
  readonly dryRuns: number;
  readonly applies: number;
  readonly cpu: number;
}

/**
 * Sends the requests that the first apply of a bundle is made of (a dry run of each object, then each object) over as
 * many connections as the agent has, and looks at nothing of the answers but their status.
 */
export async function bareLoop(
  cluster: KubeCluster,
  kube: Kube,
  application: string,
  objects: readonly KubeObject[],
  connections = 16,
): Promise<BareLoop> {
  const pool = administratorPool(cluster, connections);
  const requests: { readonly object: KubeObject; readonly path: string }[] = [];
  for (const manifest of objects) {
    const resource = await kube.resourceOf(groupOf(manifest.apiVersion), manifest.kind);
    if (resource === null) throw new Error(`${manifest.kind} is not served`);
    const { object, ref } = wantedObject(manifest, application, resource.namespaced, 'default', []);
    requests.push({ object, path: objectPath(resource, ref) });
  }
  const send = async (query: string) => {
    const began = performance.now();
    await bounded(requests, connections, async ({ object, path }) => {
      const { statusCode, body } = await pool.request({
        method: 'PATCH',
        path: `${path}?fieldManager=${fieldManager}&force=false&fieldValidation=Strict${query}`,
        headers: { 'content-type': 'application/apply-patch+yaml', accept: 'application/json' },
        body: JSON.stringify(object),
      });
      const text = await body.text();
      if (statusCode >= 300) throw new Error(`PATCH ${path}: ${statusCode} ${text}`);
    });
    return performance.now() - began;
  };
  const before = process.cpuUsage();
  const dryRuns = await send('&dryRun=All');
  const applies = await send('');
  const { user, system } = process.cpuUsage(before);
  await pool.close();
  return { dryRuns, applies, cpu: (user + system) / 1e6 };
}

/** Connections to a cluster as its administrator. */
export function administratorPool({ url, keys: { ca, admin } }: KubeCluster, connections: number): Pool {
  const connect = { ca, cert: admin.certificate, key: admin.key };
  return new Pool(url, { connections, pipelining: 1, allowH2: false, connect });
}
