import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentManifest } from '../../cli/agent-manifest.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import { makeAgentImage, startContainedAgent } from '../e2e/agent-image.ts';
import { startHub } from '../e2e/processes.ts';
import { configMap, devEnvironment, shopApplication } from '../e2e/shop.ts';
import { startGitServer } from '../git/server.ts';
import { startKubeCluster } from '../kube/harness/cluster.ts';
import { until } from '../until.ts';
import { type Figure, quantile } from './figure.ts';

const objects = 1000;
/** V8 gives memory back some seconds after the work is done. Milliseconds. */
const calm = 30_000;

/**
 * What the agent's image takes: the image as a folder, its own command, a service account's token, its state in
 * Secrets; a real hub, a real API server. Resident memory is what Linux says, the pages of Node's binary included;
 * the rest is the agent's own.
 */
export async function measureAgentBundle(): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const image = join(directory, 'image');
  await makeAgentImage(image);
  const { size } = await stat(join(image, 'opt/fairway/agent.cjs'));
  const cluster = await startKubeCluster();
  const git = await startGitServer();
  const fleet = await git.createRepository('fleet');
  await fleet.commit({ 'environments/dev.yaml': devEnvironment });
  await fleet.push();
  const hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '500ms' } });
  const joinToken = await hub.register('eu', { env: 'dev' });
  await cluster.kubectl(['apply', '-f', '-'], manifest(joinToken, hub.grpc));
  const logFile = join(directory, 'agent.log');
  const started = performance.now();
  const agent = await startContainedAgent({ image, cluster, hub: hub.grpc, joinToken, logFile });
  try {
    await until(
      async () => (await hub.get<Page<{ connected: boolean }>>('/api/v1/clusters')).items[0]?.connected === true,
      { what: 'the agent is connected', describe: () => agent.output() },
    );
    const connected = performance.now() - started;
    const idle = await memory(agent.pid);

    const before = await cpuSeconds(agent.pid);
    const files = { 'apps/shop/app.yaml': shopApplication, 'apps/shop/namespace.yaml': namespace };
    await fleet.commit({ ...files, ...configMaps() });
    await fleet.push();
    await until(
      async () => {
        const [placement] = (await hub.get<Page<Placement>>('/api/v1/placements')).items;
        return placement?.settled === true && placement.runningRelease !== null;
      },
      { what: 'all objects are applied', within: 180_000, describe: () => agent.output().slice(-3000) },
    );
    const cpu = (await cpuSeconds(agent.pid)) - before;
    const busy = await memory(agent.pid);
    return [
      { figure: 'size of the one file', value: size / 2 ** 20, unit: 'MiB', goal: null },
      { figure: 'start → connected, joining included', value: connected / 1000, unit: 's', goal: null },
      { figure: 'resident memory, connected and idle', value: idle.resident, unit: 'MiB', goal: { atMost: 64 } },
      { figure: 'of it the agent’s own (not Node’s binary)', value: idle.own, unit: 'MiB', goal: null },
      { figure: `CPU to take up ${objects} objects`, value: cpu, unit: 's', goal: null },
      { figure: `resident memory, ${objects} objects kept`, value: busy.resident, unit: 'MiB', goal: null },
      { figure: 'of it the agent’s own (not Node’s binary)', value: busy.own, unit: 'MiB', goal: null },
    ];
  } finally {
    await agent.stop();
    await hub.stop();
    await git.stop();
    await cluster.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';

function configMaps(): Record<string, string> {
  const text = 'x'.repeat(800);
  return Object.fromEntries(
    Array.from({ length: objects - 1 }, (_, index) => [
      `apps/shop/c${index}.yaml`,
      configMap(`c${index}`, { index: String(index), text }),
    ]),
  );
}

function manifest(token: string, hub: string): string {
  const joined = { cluster: 'eu', token, hub, expiresAt: '', allow: null, warnings: [], agentImage: 'fairway-agent' };
  return agentManifest(joined);
}

/** The medians of ten seconds, in MiB, once the process has come to rest. */
async function memory(pid: number): Promise<{ readonly resident: number; readonly own: number }> {
  await sleep(calm);
  const samples = [];
  for (let index = 0; index < 10; index++) {
    await sleep(1000);
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const of = (kind: string) => Number(new RegExp(`^${kind}:\\s+(\\d+)`, 'm').exec(rollup)?.[1]) / 1024;
    samples.push({ resident: of('Rss'), own: of('Anonymous') });
  }
  return {
    resident: quantile(
      samples.map(({ resident }) => resident),
      0.5,
    ),
    own: quantile(
      samples.map(({ own }) => own),
      0.5,
    ),
  };
}

async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
