import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentManifest } from '../../cli/agent-manifest.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { type KubeCluster, startKubeCluster } from '../kube/harness/cluster.ts';
import { describeKube } from '../kube/harness/describe.ts';
import { until } from '../until.ts';
import { hasRoots, makeAgentImage, startContainedAgent } from './agent-image.ts';
import { type HubProcess, startFairway, startHub } from './processes.ts';
import { configMap, devEnvironment, shopApplication } from './shop.ts';

const rootsCanChange = await hasRoots();

/** The agent as its image holds it, against a real hub and a real API server. */
describeKube('the agent of the image', () => {
  let directory: string;
  let image: string;
  let git: GitServer;
  let fleet: TestRepository;
  let hub: HubProcess;
  let cluster: KubeCluster;
  const agents: { stop(signal: NodeJS.Signals): Promise<number | null> }[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-image-'));
    image = join(directory, 'image');
    [git, cluster] = await Promise.all([startGitServer(), startKubeCluster(), makeAgentImage(image)]);
    fleet = await git.createRepository('fleet');
    await push('hello');
    hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '500ms' } });
  }, 240_000);

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await hub?.stop();
    await Promise.all([cluster?.stop(), git?.stop()]);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  async function push(greeting: string): Promise<void> {
    await fleet.commit({
      'environments/dev.yaml': devEnvironment,
      'apps/shop/app.yaml': shopApplication,
      'apps/shop/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'apps/shop/settings.yaml': configMap('settings', { greeting }),
    });
    await fleet.push();
  }

  async function untilGreeting(wanted: string, output: () => string): Promise<void> {
    const query = ['-n', 'shop', 'get', 'configmap', 'settings', '-o', 'jsonpath={.data.greeting}'];
    const greeting = () => cluster.kubectl(query).catch(() => '');
    const settled = async () =>
      (await hub.get<Page<Placement>>('/api/v1/placements')).items.every((one) => one.settled);
    await until(async () => (await greeting()) === wanted && (await settled()), {
      what: `the cluster says ${wanted}`,
      within: 60_000,
      describe: () => output().slice(-3000) + hub.output().slice(-3000),
    });
  }

  it.skipIf(!rootsCanChange)('[L4] is nobody, writes to no file, and keeps its state in Secrets', async () => {
    const joinToken = await hub.register('inside', { env: 'dev' });
    const joined = { cluster: 'inside', token: joinToken, hub: hub.grpc, expiresAt: '', allow: null, warnings: [] };
    await cluster.kubectl(['apply', '-f', '-'], agentManifest({ ...joined, agentImage: 'fairway-agent' }));
    const common = { image, cluster, hub: hub.grpc, logFile: join(directory, 'inside.log') };

    const first = await startContainedAgent({ ...common, joinToken });
    agents.push(first);
    await untilGreeting('hello', first.output);
    expect(await first.stop('SIGTERM')).toBe(0);
    expect(await readdir(join(image, 'tmp'))).toEqual([]);

    // The token is used up: who it is comes out of the Secrets.
    await push('good morning');
    const again = await startContainedAgent(common);
    agents.push(again);
    await untilGreeting('good morning', again.output);
    await again.stop('SIGKILL');
    expect((await hub.fairway('cluster', 'remove', 'inside')).code).toBe(0);
  });

  it('runs outside of its cluster too, with a kubeconfig', async () => {
    const joinToken = await hub.register('outside', { env: 'dev' });
    const args = ['--hub', hub.grpc, '--join-token', joinToken, '--kubeconfig', cluster.kubeconfigPath];
    const agent = startFairway([...args, '--data-dir', join(directory, 'outside')], {
      logFile: join(directory, 'outside.log'),
      program: { command: [process.execPath, join(image, 'opt/fairway/agent.cjs')] },
    });
    agents.push(agent);
    await push('good evening');
    await untilGreeting('good evening', agent.output);
    expect(await agent.stop('SIGTERM')).toBe(0);
  });
});
