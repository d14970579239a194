import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentManifest } from '../../cli/agent-manifest.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { type ContainedAgent, makeAgentImage, startContainedAgent } from '../e2e/agent-image.ts';
import { type HubProcess, startHub } from '../e2e/processes.ts';
import { configMap } from '../e2e/shop.ts';
import { startGitServer } from '../git/server.ts';
import { startKubeCluster } from '../kube/harness/cluster.ts';
import { freePorts } from '../kube/harness/ports.ts';
import { until } from '../until.ts';

/** A hub and its fleet, and agents as their image runs them: each on a real API server, with its state in Secrets. */
export interface ContainedFleet {
  /** Starts a cluster and its agent in an environment of the cluster's own name; resolves when the hub has welcomed it. */
  join(cluster: string): Promise<JoinedAgent>;
  /** Commits an application for a cluster: a namespace, and ConfigMaps of 1 KB; so many objects in all. */
  declare(cluster: string, application: string, objects: number): Promise<void>;
  /** Resolves when so many applications stand on a cluster. */
  applied(cluster: string, applications: number): Promise<void>;
  stop(): Promise<void>;
}

interface JoinedAgent {
  readonly pid: number;
  /** Of the agent's one file. */
  readonly bytes: number;
  /** Milliseconds from the start of its process until the hub has welcomed it. */
  readonly joining: number;
}

export async function startContainedFleet(): Promise<ContainedFleet> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const git = await startGitServer();
  closing.push(() => git.stop());
  const fleet = await git.createRepository('fleet');
  await fleet.commit({ 'README.md': 'A fleet.\n' });
  await fleet.push();
  const hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '500ms' } });
  closing.push(() => hub.stop());
  const outputs = new Map<string, ContainedAgent>();
  const describe = (cluster: string) => () => outputs.get(cluster)?.output().slice(-3000) ?? '';

  return {
    async join(name) {
      await fleet.commit({ [`environments/${name}.yaml`]: environment(name) });
      await fleet.push();
      const image = join(directory, `image-${name}`);
      await makeAgentImage(image);
      const cluster = await startKubeCluster({ name });
      closing.push(() => cluster.stop());
      const joinToken = await hub.register(name, { env: name });
      await cluster.kubectl(['apply', '-f', '-'], manifest(name, joinToken, hub.grpc));
      const began = performance.now();
      const logFile = join(directory, `${name}.log`);
      const [healthPort] = await freePorts(1); // The image's own would be taken by the next agent on this machine.
      const env = { FAIRWAY_HEALTH: `127.0.0.1:${healthPort}` };
      const agent = await startContainedAgent({ image, cluster, hub: hub.grpc, joinToken, logFile, env });
      closing.push(() => agent.stop());
      outputs.set(name, agent);
      const connected = () => isConnected(hub, name);
      await until(connected, { what: `${name} is connected`, describe: describe(name) });
      const { size } = await stat(join(image, 'opt/fairway/agent.cjs'));
      return { pid: agent.pid, bytes: size, joining: performance.now() - began };
    },
    async declare(cluster, application, objects) {
      const folder = `apps/${application}`;
      await fleet.commit({
        [`${folder}/app.yaml`]: applicationFile(application, cluster),
        [`${folder}/namespace.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${application}}\n`,
        [`${folder}/maps.yaml`]: configMaps(objects - 1),
      });
      await fleet.push();
    },
    async applied(cluster, applications) {
      const stand = async () => {
        const { items } = await hub.get<Page<Placement>>(`/api/v1/placements?cluster=${cluster}&limit=100`);
        const running = items.filter(
          ({ phase, release, runningRelease }) => phase === 'applied' && runningRelease === release,
        );
        return running.length === applications;
      };
      const what = `${applications} applications stand on ${cluster}`;
      await until(stand, { what, within: 600_000, every: 500, describe: describe(cluster) });
    },
    async stop() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

async function isConnected(hub: HubProcess, cluster: string): Promise<boolean> {
  const { items } = await hub.get<Page<{ name: string; connected: boolean }>>('/api/v1/clusters');
  return items.some(({ name, connected }) => name === cluster && connected);
}

function environment(name: string): string {
  return `apiVersion: fairway.dev/v1
kind: Environment
metadata: {name: ${name}}
spec:
  clusters: {matchLabels: {env: ${name}}}
`;
}

function applicationFile(name: string, environmentName: string): string {
  return `apiVersion: fairway.dev/v1
kind: Application
metadata: {name: ${name}}
spec: {environments: [${environmentName}], namespace: ${name}}
`;
}

function configMaps(count: number): string {
  const text = 'x'.repeat(800);
  return Array.from({ length: count }, (_, index) => configMap(`c${index}`, { index: String(index), text })).join(
    '---\n',
  );
}

function manifest(cluster: string, token: string, hub: string): string {
  return agentManifest({ cluster, token, hub, expiresAt: '', allow: null, warnings: [], agentImage: 'fairway-agent' });
}
