import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Ground } from '../contract/engine-harness.ts';
import { refTo } from '../contract/engine-harness.ts';
import type { KubeCluster } from './harness/cluster.ts';

/** A node that runs nothing: it has a name, and answers for the logs of whatever is bound to it. */
export interface PlayedNode {
  readonly name: string;
  /** Paths that the API server has asked for. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** @param log what every container of the node has written */
export async function playNode(ground: Ground, { keys }: KubeCluster, name: string, log: string): Promise<PlayedNode> {
  const asked: string[] = [];
  const server = createServer({ key: keys.server.key, cert: keys.server.certificate }, (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'text/plain' }).end(log);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await ground.put({ apiVersion: 'v1', kind: 'Node', metadata: { name } }, 'kubelet');
  await ground.setStatus(refTo('Node', '', name), () => ({
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
    conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date().toISOString() }],
  }));
  return {
    name,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
