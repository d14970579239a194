import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createKube, type KubeClient, type KubeOptions } from '../../agent/kube/client.ts';
import type { Credentials } from '../../agent/kube/credentials.ts';
import { followKind } from '../../agent/kube/follow.ts';
import { kubeconfigCredentials } from '../../agent/kube/kubeconfig.ts';
import type { Resource } from '../../agent/kube/port.ts';
import { type KubeObject, ownerLabel } from '../../core/objects/object.ts';
import { type Bench, configMap, isApplied, namespaceObject, refTo, startBench } from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { openGround } from './ground.ts';
import type { KubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';
import { startCuttableProxy } from './harness/proxy.ts';

const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

/** An API server that lets so few requests in at a time that it refuses some of what an agent sends. */
const narrow = [
  '--enable-priority-and-fairness=false',
  '--max-requests-inflight=4',
  '--max-mutating-requests-inflight=1',
];

describeKube('an API server and its limits', () => {
  let open: Awaited<ReturnType<typeof openGround>>;
  let count = 0;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    open = await openGround('limits', { apiServerArguments: narrow });
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => open?.close());

  /** A namespace of the test's own; the application has its name. */
  const fresh = async () => {
    count += 1;
    const namespace = `limits-${count}`;
    await open.ground.put(namespaceObject(namespace), 'kubectl');
    return { namespace, application: namespace };
  };
  const start = (settings: Parameters<typeof startBench>[1] = {}): Bench => {
    const bench = startBench(open.ground, settings);
    closing.push(() => bench.stop());
    return bench;
  };
  const client = async (options: KubeOptions = {}, credentials?: Credentials): Promise<KubeClient> => {
    const kube = createKube(credentials ?? (await kubeconfigCredentials(open.cluster.kubeconfigPath)), options);
    closing.push(() => kube.close());
    return kube;
  };

  it('[A1, A5] are waited for: what is refused with 429 goes again when the server says so', async () => {
    const own = await fresh();
    const refused: number[] = [];
    const answered = (_: string, status: number) => {
      if (status === 429) refused.push(status);
    };
    const kube = await client({ answered }, await accountCredentials(open.cluster, own.namespace));
    const bench = start({ kube });
    const objects = Array.from({ length: 200 }, (_, index) => configMap(`m-${index}`, { index: String(index) }));
    bench.run({ ...own, objects });
    await bench.reach('all is applied', isApplied, own.application);
    expect(refused.length).toBeGreaterThan(0);
    expect(bench.details('failed')).toEqual([]);
    expect(bench.details('applied')).toMatchObject([{ created: 200 }]);
  });

  it('are left alone by a client that keeps its own rate', async () => {
    const kube = await client({ qps: 100, burst: 10 });
    const began = performance.now();
    await Promise.all(Array.from({ length: 110 }, () => kube.version()));
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('[D1] a list begins anew when etcd has forgotten its version between two pages', async () => {
    const { namespace } = await fresh();
    const { ground, cluster } = open;
    const names = Array.from({ length: 600 }, (_, index) => `m-${String(index).padStart(3, '0')}`);
    await Promise.all(names.map((name) => ground.kube.apply(configMaps, configMap(name, {}, namespace), {})));
    const statuses: number[] = [];
    let compaction: Promise<void> | null = null;
    // One request a second leaves time between the first page and the second.
    const kube = await client({
      qps: 1,
      burst: 1,
      answered: (verb, status) => {
        if (verb === 'list') statuses.push(status);
        compaction ??= compact(cluster);
      },
    });
    const { items } = await kube.list(configMaps, { namespace });
    await compaction;
    expect(statuses).toEqual([200, 410, 200, 200]);
    expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(names);
  });

  it('[D1] a watch that was cut goes on from what it saw last, and lists nothing again', async () => {
    const { namespace } = await fresh();
    const { ground, cluster } = open;
    const proxy = await startCuttableProxy(Number(new URL(cluster.url).port));
    closing.push(() => proxy.stop());
    const behind = await kubeconfigCredentials(cluster.kubeconfigPath);
    const kube = await client({}, { ...behind, server: `https://127.0.0.1:${proxy.port}` });
    const stop = new AbortController();
    const seen: string[] = [];
    let snapshots = 0;
    const labelled = (name: string): KubeObject => {
      const object = configMap(name, {}, namespace);
      return { ...object, metadata: { ...object.metadata, labels: { seen: namespace } } };
    };
    await ground.kube.apply(configMaps, labelled('first'), {});
    const handlers = {
      onSnapshot: () => {
        snapshots += 1;
      },
      onEvent: ({ object }: { object: KubeObject }) => void seen.push(object.metadata.name),
      onError: () => undefined,
    };
    const followed = followKind(kube, configMaps, { labelSelector: `seen=${namespace}` }, handlers, stop.signal);
    await until(() => snapshots === 1, { what: 'what stands is known' });
    const names = Array.from({ length: 6 }, (_, index) => `m-${index}`);
    for (const name of names) {
      proxy.cut();
      await ground.kube.apply(configMaps, labelled(name), {});
      await until(() => seen.includes(name), { what: `${name} is seen` });
    }
    expect(seen).toEqual(names);
    expect(snapshots).toBe(1);
    stop.abort();
    await followed;
  });

  it('[A3, D1] objects of a megabyte are applied, compared and corrected', async () => {
    const own = await fresh();
    const bench = start();
    const value = 'x'.repeat(1_040_000);
    bench.run({ ...own, objects: [configMap('large', { value })] });
    await bench.reach('it is applied', isApplied, own.application);
    const writes = bench.writes();
    bench.run({ ...own, objects: [configMap('large', { value })] });
    await bench.reach(
      'it stands again',
      ({ generation, phase }) => generation === 2 && phase === 'applied',
      own.application,
    );
    expect(bench.writes()).toBe(writes);
    await open.ground.edit(refTo('ConfigMap', own.namespace, 'large'), 'kubectl-edit', (object) => {
      object.data = { value: `y${value.slice(1)}` };
    });
    await until(() => bench.details('drift').some(({ outcome }) => outcome === 'corrected'), {
      what: 'it is corrected',
    });
    const told = bench.details('drift').find(({ outcome }) => outcome === 'corrected')?.drift;
    expect(told).toMatchObject({ field: '/data/value', manager: 'kubectl-edit' });
    expect(JSON.stringify(told).length).toBeLessThan(10_000);
  });

  it('[A2, A3] a definition of half a megabyte is applied and established, and equals itself', async () => {
    const own = await fresh();
    const bench = start();
    const definition = largeDefinition(`g${count}.example.com`);
    expect(JSON.stringify(definition).length).toBeGreaterThan(500_000);
    bench.run({ ...own, objects: [definition] });
    const isWell = ({ phase, health }: { phase: string; health: string }) =>
      phase === 'applied' && health === 'healthy';
    await bench.reach('it is established', isWell, own.application);
    const second = start({ state: bench.state });
    await bench.stop();
    second.run({ ...own, objects: [definition] });
    await second.reach('it stands after a restart', isWell, own.application);
    expect(second.writes()).toBe(0);
  });

  it('[A5, A6] the longest names are applied, tracked and pruned', async () => {
    const namespace = `n${String(++count).padStart(62, '0')}`;
    const application = `a${String(count).padStart(62, '0')}`;
    const map = (letter: string) => configMap(letter.repeat(253), { letter }, namespace);
    const bench = start();
    const objects = [namespaceObject(namespace), map('a'), map('b'), map('c')];
    bench.run({ namespace, application, objects });
    await bench.reach('it is applied', isApplied, application);
    bench.run({ namespace, application, objects: objects.slice(0, 3) });
    await until(() => bench.details('pruned').length === 1, { what: 'the third is pruned' });
    const labelSelector = `${ownerLabel}=${application}`;
    const { items } = await open.ground.kube.list(configMaps, { namespace, labelSelector });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a'.repeat(253), 'b'.repeat(253)]);
  });

  it('[A2, A6] objects of a cluster and of its namespaces are told apart by more than their names', async () => {
    const own = await fresh();
    const other = `${own.namespace}-other`;
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
    const rbac = 'rbac.authorization.k8s.io/v1';
    const role = (kind: string, namespace?: string): KubeObject => ({
      apiVersion: rbac,
      kind,
      metadata: { name: own.application, ...(namespace === undefined ? {} : { namespace }) },
      rules,
    });
    const staying = [
      namespaceObject(other),
      role('ClusterRole'),
      role('Role', other),
      configMap(own.application, {}, own.namespace),
    ];
    const bench = start();
    // A namespace that is written where none belongs is no other object.
    const leaving = [role('Role', own.namespace), configMap(own.application, {}, other)];
    bench.run({ ...own, objects: [...staying, ...leaving] });
    const first = await bench.reach('it is applied', isApplied, own.application);
    expect(first.counts.objects).toBe(6);
    bench.run({ ...own, objects: staying });
    await until(() => bench.details('pruned').length === 1, { what: 'what left is pruned' });
    const pruned = bench.details('pruned')[0]?.objects.map(({ kind, namespace }) => `${kind} ${namespace}`);
    expect(pruned?.sort()).toEqual([`ConfigMap ${other}`, `Role ${own.namespace}`]);
    const roles = await open.ground.kube.resourceOf('rbac.authorization.k8s.io', 'ClusterRole');
    expect(roles && (await open.ground.kube.get(roles, { namespace: '', name: own.application }))).not.toBeNull();
  });
});

/** Of a service account that may do anything, but is no master, whom the server would never refuse for its rate. */
async function accountCredentials(cluster: KubeCluster, namespace: string): Promise<Credentials> {
  const { kubectl, url, keys } = cluster;
  await kubectl(['create', 'serviceaccount', 'agent', '-n', namespace]);
  const binding = ['--clusterrole=cluster-admin', `--serviceaccount=${namespace}:agent`];
  await kubectl(['create', 'clusterrolebinding', `${namespace}-agent`, ...binding]);
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/agent/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const answer = await kubectl(['create', `--raw=${path}`, '-f', '-'], JSON.stringify(request));
  const { token } = (JSON.parse(answer) as { status: { token: string } }).status;
  const identity = { tls: { options: { ca: keys.ca }, proxy: null }, headers: { authorization: `Bearer ${token}` } };
  return { server: url, namespace, identity: async () => identity };
}

/** Makes etcd forget everything that is not the present. */
async function compact({ etcdUrl }: KubeCluster): Promise<void> {
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${etcdUrl}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as { header: { revision: string } };
  };
  const key = Buffer.from('compaction').toString('base64');
  const { header } = await ask('put', { key, value: key });
  await ask('compaction', { revision: header.revision });
}

function largeDefinition(group: string): KubeObject {
  const field = (index: number) => [
    `field${index}`,
    { type: 'string', description: `${index} ${'word '.repeat(100)}` },
  ];
  const properties = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => field(index)));
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `larges.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Large', plural: 'larges', singular: 'large', listKind: 'LargeList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}
