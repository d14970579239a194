import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import {
  type Bench,
  configMap,
  type Ground,
  isApplied,
  job,
  namespaceObject,
  refTo,
  startBench,
} from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { openGround } from './ground.ts';
import type { KubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';
import { type PlayedNode, playNode } from './kubelet.ts';

/** Hooks whose Jobs the real controller runs: only the kubelet is played. */
describeKube('hooks with a real Job controller', () => {
  let ground: Ground;
  let cluster: KubeCluster;
  let close: () => Promise<void>;
  let node: PlayedNode;
  const benches: Bench[] = [];
  const space = 'hooks';
  const log = `${Array.from({ length: 40 }, (_, line) => `step ${line}`).join('\n')}\nrelation "orders" does not exist\n`;
  const own = { namespace: space, application: 'shop' };

  beforeAll(async () => {
    ({ ground, cluster, close } = await openGround('hooks', { controllerManager: true }));
    await ground.put(namespaceObject(space), 'kubectl');
    node = await playNode(ground, cluster, 'node-1', log);
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(async () => {
    await node?.stop();
    await close();
  });

  const list = async (kind: string, group = ''): Promise<readonly KubeObject[]> => {
    const resource = await ground.kube.resourceOf(group, kind);
    if (resource === null) throw new Error(`${kind} is not served`);
    return (await ground.kube.list(resource, { namespace: space })).items;
  };
  const podsOf = async (jobName: string) =>
    (await list('Pod')).filter(({ metadata }) => metadata.labels?.['job-name'] === jobName);
  /** As scheduler and kubelet would: the Pod is bound, runs, and ends so. */
  const play = async (jobName: string, phase: 'Succeeded' | 'Failed') => {
    await until(async () => (await podsOf(jobName)).length > 0, { what: 'the controller makes a Pod' });
    const [pod] = await podsOf(jobName);
    const name = pod?.metadata.name ?? '';
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace: space },
      target: { apiVersion: 'v1', kind: 'Node', name: node.name },
    };
    const path = `/api/v1/namespaces/${space}/pods/${name}/binding`;
    await cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(binding));
    const exitCode = phase === 'Failed' ? 3 : 0;
    const state = { terminated: { exitCode, reason: phase, containerID: 'played://1' } };
    await ground.setStatus(refTo('Pod', space, name), () => ({
      phase,
      containerStatuses: [{ name: 'main', image: 'x', imageID: 'x', ready: false, restartCount: 0, state }],
    }));
  };
  const jobStarted = async (bench: Bench, count: number) => {
    const jobs = () => bench.log.filter((line) => line.startsWith('apply Job'));
    await until(() => jobs().length === count, { what: 'a hook is started' });
    return jobs().at(-1)?.replace('apply Job ', '') ?? '';
  };

  it('[A2] a Job runs to its end before the rest, and is gone where it is to go', async () => {
    const bench = startBench(ground);
    benches.push(bench);
    const migrate = job('migrate', space, { 'fairway.dev/hook': 'pre', 'fairway.dev/hook-delete': 'on-success' });
    bench.run({ ...own, objects: [migrate, configMap('a', { one: '1' })] });
    const name = await jobStarted(bench, 1);
    expect(await list('ConfigMap')).not.toContainEqual(expect.objectContaining({ data: { one: '1' } }));
    await play(name, 'Succeeded');
    await bench.reach('it is applied', isApplied);
    await until(async () => (await list('Job', 'batch')).length === 0, { what: 'its Job is gone' });
    await until(async () => (await podsOf(name)).length === 0, { what: 'and its Pod, by garbage collection' });
  });

  it('[A2] a Job that fails tells its last lines, which the agent reads from the node', async () => {
    const bench = startBench(ground);
    benches.push(bench);
    bench.run({ ...own, objects: [job('upgrade', space, { 'fairway.dev/hook': 'pre' }), configMap('b', {})] });
    const name = await jobStarted(bench, 1);
    await play(name, 'Failed');
    await bench.reach('it has failed', ({ phase }) => phase === 'failed');
    const [failure] = bench.details('failed');
    expect(failure).toMatchObject({ code: 'hook-failed', problems: [{ object: { kind: 'Job', name } }] });
    expect(failure?.message).toContain('step 39 | relation "orders" does not exist');
    expect(failure?.message).toContain('reached the specified backoff limit');
    expect(node.asked.some((path) => path.includes(`/containerLogs/${space}/`) && path.includes('tailLines='))).toBe(
      true,
    );
  });
});
