import type { Kube } from '../../../agent/kube/port.ts';
import { bounded } from '../../../agent/reconcile/bounded.ts';
import { groupOf, ownerLabel } from '../../../core/objects/object.ts';
import { type KubeCluster, startKubeCluster } from '../../kube/harness/cluster.ts';
import { kubeFor } from '../../kube/harness/kube.ts';
import { type Figure, quantile } from '../figure.ts';
import { bareLoop } from './bare-loop.ts';
import { startMeasuredEngine } from './measured-engine.ts';
import { mixed, plain, type Sort } from './objects.ts';

const objects = 1000;
const pairs = 5;

/** The first apply of a thousand objects against a loop that only sends, and the same bundle a second time. */
export async function measureApplyRate(): Promise<Figure[]> {
  const cluster = await startKubeCluster({ name: 'bench' });
  const kube = await kubeFor(cluster);
  try {
    const figures = [];
    for (const sort of [plain, mixed]) figures.push(...(await measureSort(cluster, kube, sort)));
    return figures;
  } finally {
    await kube.close();
    await cluster.stop();
  }
}

interface Pair {
  readonly bareRate: number;
  readonly rate: number;
  readonly ratio: number;
  readonly ratioToApplies: number;
  readonly bareCpu: number;
  readonly cpu: number;
  readonly again: number;
  readonly writesAgain: number;
}

async function measureSort(cluster: KubeCluster, kube: Kube, sort: Sort): Promise<Figure[]> {
  const all: Pair[] = [];
  // One more than is counted: the first has cold caches on both sides.
  for (let index = 0; index <= pairs; index++) {
    const pair = await measurePair(cluster, kube, sort, index);
    if (index > 0) all.push(pair);
  }
  const median = (of: (pair: Pair) => number) => quantile(all.map(of), 0.5);
  const what = `${objects} ${sort.name}`;
  return [
    { figure: `${what}: bare loop of the same requests`, value: median((p) => p.bareRate), unit: '/s', goal: null },
    { figure: `${what}: first apply`, value: median((p) => p.rate), unit: '/s', goal: null },
    {
      figure: `${what}: ratio to the bare loop`,
      value: 100 * median((p) => p.ratio),
      unit: '%',
      goal: { atLeast: 80 },
    },
    { figure: `${what}: ratio to applies alone`, value: 100 * median((p) => p.ratioToApplies), unit: '%', goal: null },
    { figure: `${what}: CPU an object, bare loop`, value: median((p) => p.bareCpu), unit: 'ms', goal: null },
    { figure: `${what}: CPU an object, agent`, value: median((p) => p.cpu), unit: 'ms', goal: null },
    { figure: `${what}: the same bundle again`, value: median((p) => p.again), unit: 'ms', goal: { atMost: 1000 } },
    {
      figure: `${what}: writes for the same bundle again`,
      value: Math.max(...all.map(({ writesAgain }) => writesAgain)),
      unit: '',
      goal: { atMost: 0 },
    },
  ];
}

/** One after the other, in turns first: neither meets a machine that the other did not. */
async function measurePair(cluster: KubeCluster, kube: Kube, sort: Sort, index: number): Promise<Pair> {
  const agentFirst = index % 2 === 0;
  const early = agentFirst ? await measureAgent(cluster, kube, sort) : null;
  const bare = await measureBare(cluster, kube, sort);
  const agent = early ?? (await measureAgent(cluster, kube, sort));
  const bareTime = bare.dryRuns + bare.applies;
  return {
    bareRate: (objects / bareTime) * 1000,
    rate: (objects / agent.first) * 1000,
    ratio: bareTime / agent.first,
    ratioToApplies: bare.applies / agent.first,
    bareCpu: (bare.cpu / objects) * 1000,
    cpu: (agent.cpu / objects) * 1000,
    again: agent.again,
    writesAgain: agent.writesAgain,
  };
}

async function measureBare(cluster: KubeCluster, kube: Kube, sort: Sort) {
  return inNamespace(cluster, kube, sort, (namespace) =>
    bareLoop(cluster, kube, namespace, sort.make(objects, namespace)),
  );
}

async function measureAgent(cluster: KubeCluster, kube: Kube, sort: Sort) {
  return inNamespace(cluster, kube, sort, async (namespace) => {
    const engine = await startMeasuredEngine(kube, namespace);
    try {
      const before = process.cpuUsage();
      const first = await engine.take(sort.make(objects, namespace));
      const { user, system } = process.cpuUsage(before);
      const writes = engine.writes();
      const again = await engine.take(sort.make(objects, namespace));
      return { first, cpu: (user + system) / 1e6, again, writesAgain: engine.writes() - writes };
    } finally {
      await engine.stop();
    }
  });
}

let namespaces = 0;

/** In a namespace of its own; what was made in it is gone before the next begins, so that nobody watches it. */
async function inNamespace<T>(
  cluster: KubeCluster,
  kube: Kube,
  sort: Sort,
  work: (namespace: string) => Promise<T>,
): Promise<T> {
  const namespace = `bench-${++namespaces}`;
  await cluster.kubectl(['create', 'namespace', namespace]);
  const result = await work(namespace);
  for (const kind of new Set(
    sort.make(10, namespace).map(({ apiVersion, kind }) => `${groupOf(apiVersion)}/${kind}`),
  )) {
    const [group = '', name = ''] = kind.split('/');
    const resource = await kube.resourceOf(group, name);
    if (resource === null) throw new Error(`${kind} is not served`);
    const { items } = await kube.list(resource, { namespace, labelSelector: ownerLabel, metadataOnly: true });
    await bounded(items, 16, ({ metadata }) => kube.delete(resource, { namespace, name: metadata.name }));
  }
  return result;
}
