import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DriftRecord } from '../../proto/rest/drift.ts';
import type { Page } from '../../proto/rest/page.ts';
import type { Placement } from '../../proto/rest/placements.ts';
import type { TestRepository } from '../git/repository.ts';
import { type GitServer, startGitServer } from '../git/server.ts';
import { type KubeCluster, startKubeCluster } from '../kube/harness/cluster.ts';
import { describeKube } from '../kube/harness/describe.ts';
import { until } from '../until.ts';
import { type FairwayProcess, type HubProcess, startAgent, startHub } from './processes.ts';
import { configMap, shopFleet } from './shop.ts';

/** The main job with nothing played: a Git host, a hub, two API servers, two agents, each a process of its own. */
describeKube('one commit, every cluster', () => {
  let directory: string;
  let git: GitServer;
  let fleet: TestRepository;
  let clusters: Record<'eu' | 'us', KubeCluster>;
  let hub: HubProcess;
  const agents = new Map<string, FairwayProcess>();

  const names = ['eu', 'us'] as const;
  const placements = async () => (await hub.get<Page<Placement>>('/api/v1/placements')).items;
  const settledOn = async (commit: string) => {
    const all = await placements();
    return all.length === 2 && all.every((one) => one.settled && one.runningRelease === `shop@${commit.slice(0, 12)}`);
  };
  const untilSettled = (commit: string) =>
    until(() => settledOn(commit), {
      what: `both clusters run ${commit.slice(0, 12)}`,
      within: 60_000,
      describe: async () => JSON.stringify(await placements(), null, 1) + hub.output().slice(-3000),
    });
  const push = async (files: Record<string, string | null>, message?: string) => {
    const commit = await fleet.commit(files, message);
    await fleet.push();
    return commit;
  };
  const exists = (name: (typeof names)[number], ...object: string[]) =>
    clusters[name].kubectl(['-n', 'shop', 'get', ...object, '-o', 'name']).then(
      () => true,
      () => false,
    );
  const dataOf = (name: (typeof names)[number], map: string, key: string) =>
    clusters[name].kubectl(['-n', 'shop', 'get', 'configmap', map, '-o', `jsonpath={.data.${key}}`]).catch(() => '');
  const versions = async (name: (typeof names)[number]) =>
    clusters[name].kubectl([
      'get',
      'configmaps,deployments.apps,namespaces',
      '-A',
      '-l',
      'fairway.dev/application',
      '-o',
      'jsonpath={range .items[*]}{.kind}/{.metadata.name}@{.metadata.resourceVersion} {end}',
    ]);
  const drifts = async (query: string) => (await hub.get<Page<DriftRecord>>(`/api/v1/drift?${query}`)).items;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fairway-e2e-'));
    git = await startGitServer();
    fleet = await git.createRepository('fleet');
    await push(shopFleet, 'The fleet begins');
    const [eu, us] = await Promise.all(names.map((name) => startKubeCluster({ name })));
    clusters = { eu, us } as typeof clusters;
    hub = await startHub({ directory, fleetRepo: fleet.url, env: { FAIRWAY_POLL_INTERVAL: '500ms' } });
    for (const name of names) {
      const joinToken = await hub.register(name, { env: 'dev', region: name });
      agents.set(name, startAgent({ hub, directory, name, kubeconfig: clusters[name].kubeconfigPath, joinToken }));
    }
  }, 240_000);

  afterAll(async () => {
    await Promise.all([...agents.values()].map((agent) => agent.stop('SIGKILL')));
    await hub?.stop();
    await Promise.all(Object.values(clusters ?? {}).map((cluster) => cluster.stop()));
    await git?.stop();
    await rm(directory, { recursive: true, force: true });
  }, 120_000);

  it('[G1, G3] brings what is committed to every cluster of the environment, each with its own values', async () => {
    await untilSettledOnHead();
    expect(await dataOf('eu', 'settings', 'cluster')).toBe('eu');
    expect(await dataOf('us', 'settings', 'cluster')).toBe('us');
    const level = (name: (typeof names)[number]) =>
      clusters[name].kubectl([
        '-n',
        'shop',
        'get',
        'deployment',
        'web',
        '-o',
        'jsonpath={.spec.template.spec.containers[0].env[0].value}',
      ]);
    expect(await level('eu')).toBe('warn');
    expect(await level('us')).toBe('info');
  });

  async function untilSettledOnHead(): Promise<void> {
    // Deployments stay in progress without a kubelet; the test plays their controller's word.
    for (const name of names) {
      await until(() => exists(name, 'deployment', 'web'), {
        what: `${name} has the Deployment`,
        within: 60_000,
        describe: () => agents.get(name)?.output().slice(-3000) ?? '',
      });
      await playReady(clusters[name]);
    }
    await untilSettled(await fleet.head());
  }

  it('[D1] brings a deleted object back', async () => {
    await clusters.eu.kubectl(['-n', 'shop', 'delete', 'configmap', 'settings']);
    await until(async () => (await dataOf('eu', 'settings', 'greeting')) === 'hello', { what: 'settings is back' });
    await until(
      async () =>
        (await drifts('cluster=eu')).some(
          (drift) => drift.object.name === 'settings' && drift.field === '' && drift.state === 'corrected',
        ),
      { what: 'the hub knows of the deletion' },
    );
  });

  it('[D1, D3] puts a field back that was edited, and says object, field, wanted, found and manager', async () => {
    await clusters.us.kubectl([
      '-n',
      'shop',
      'patch',
      'configmap',
      'settings',
      '--field-manager=kubectl-edit',
      '-p',
      '{"data":{"greeting":"tampered"}}',
    ]);
    await until(async () => (await dataOf('us', 'settings', 'greeting')) === 'hello', {
      what: 'the greeting is back',
    });
    await until(async () => (await drifts('cluster=us&state=corrected')).length > 0, {
      what: 'the hub knows of the edit',
    });
    const [drift] = await drifts('cluster=us&state=corrected');
    expect(drift).toMatchObject({
      application: 'shop',
      object: { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'settings' },
      field: '/data/greeting',
      wanted: '"hello"',
      found: '"tampered"',
      manager: 'kubectl-edit',
    });
  });

  it('[A6] prunes what left Git, and nothing else', async () => {
    await clusters.eu.kubectl(['-n', 'shop', 'create', 'configmap', 'somebody-elses', '--from-literal=a=b']);
    const commit = await push({ 'apps/shop/extra.yaml': null }, 'Extra is no longer needed');
    await untilSettled(commit);
    expect(await exists('eu', 'configmap', 'extra')).toBe(false);
    expect(await exists('us', 'configmap', 'extra')).toBe(false);
    expect(await exists('eu', 'configmap', 'somebody-elses')).toBe(true);
    expect(await exists('eu', 'configmap', 'settings')).toBe(true);
  });

  it('[A1] writes nothing of a release with an invalid object, and names object and field', async () => {
    const before = { eu: await versions('eu'), us: await versions('us') };
    await push({
      'apps/shop/settings.yaml': configMap('settings', { greeting: 'good morning', cluster: '${{ cluster.name }}' }),
      'apps/shop/broken.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: broken}\nspec: {ports: [{port: 99999, protocol: TCP}]}\n',
    });
    await until(async () => (await placements()).every((one) => one.phase === 'failed'), {
      what: 'both clusters refuse it',
      describe: async () => JSON.stringify(await placements(), null, 1),
    });
    for (const one of await placements()) {
      expect(one.problems).toContainEqual(
        expect.objectContaining({
          object: expect.objectContaining({ kind: 'Service', name: 'broken' }),
          code: 'invalid',
          field: expect.stringContaining('port'),
        }),
      );
    }
    expect({ eu: await versions('eu'), us: await versions('us') }).toEqual(before);
    await untilSettled(await push({ 'apps/shop/broken.yaml': null }));
    expect(await dataOf('eu', 'settings', 'greeting')).toBe('good morning');
  });

  it('[L4, X1] heals without a hub, and tells it afterwards', async () => {
    await hub.stop('SIGKILL');
    await clusters.eu.kubectl([
      '-n',
      'shop',
      'patch',
      'configmap',
      'settings',
      '--field-manager=kubectl-edit',
      '-p',
      '{"data":{"greeting":"while you were away"}}',
    ]);
    await until(async () => (await dataOf('eu', 'settings', 'greeting')) === 'good morning', {
      what: 'the agent heals it alone',
    });
    await hub.start();
    await until(async () => (await drifts('cluster=eu')).some((drift) => drift.found === '"while you were away"'), {
      what: 'the hub learns of it',
    });
  });

  it('[X1, A3] a restart of the hub writes nothing to any cluster', async () => {
    const before = { eu: await versions('eu'), us: await versions('us') };
    expect(await hub.stop('SIGTERM')).toBe(0);
    await hub.start();
    await until(
      async () => {
        const { items } = await hub.get<Page<{ connected: boolean }>>('/api/v1/clusters');
        return items.length === 2 && items.every((cluster) => cluster.connected);
      },
      { what: 'both agents are back' },
    );
    await untilSettled(await fleet.head());
    expect({ eu: await versions('eu'), us: await versions('us') }).toEqual(before);
  });

  it('[A5, X1] an agent killed in the middle of an apply of 300 objects leaves nothing missing and nothing untracked', async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 300; index++)
      files[`apps/shop/many/m${index}.yaml`] = configMap(`many-${index}`, { index: String(index) });
    const count = async () =>
      (
        await clusters.eu.kubectl([
          '-n',
          'shop',
          'get',
          'configmaps',
          '-l',
          'fairway.dev/application=shop',
          '-o',
          'name',
        ])
      )
        .split('\n')
        .filter((line) => line.includes('many-')).length;
    const commit = await push(files);
    await until(async () => (await count()) > 20, { what: 'the apply has begun', every: 5 });
    await agents.get('eu')?.stop('SIGKILL');
    expect(await count()).toBeLessThan(300);
    agents.set('eu', startAgent({ hub, directory, name: 'eu', kubeconfig: clusters.eu.kubeconfigPath }));
    await untilSettled(commit);
    expect(await count()).toBe(300);
    // Half of the application leaves Git, and all that left is found again: the inventory knew each of them.
    const half = Object.fromEntries(
      Object.keys(files)
        .slice(0, 140)
        .map((file) => [file, null]),
    );
    await untilSettled(await push(half));
    expect(await count()).toBe(160);
  });
});

/** Says of the Deployment what its controller would say once its Pods run. */
async function playReady(cluster: KubeCluster): Promise<void> {
  const status = {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    conditions: [{ type: 'Available', status: 'True' }],
  };
  await cluster.kubectl(['-n', 'shop', 'get', '--raw', '/healthz']);
  const path = '/apis/apps/v1/namespaces/shop/deployments/web/status';
  const deployment = JSON.parse(await cluster.kubectl(['get', '--raw', path])) as {
    metadata: { generation: number };
    status: object;
  };
  deployment.status = { ...status, observedGeneration: deployment.metadata.generation };
  await cluster.kubectl(['replace', '--raw', path, '-f', '-'], JSON.stringify(deployment));
}
