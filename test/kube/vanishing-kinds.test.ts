import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { type Bench, configMap, isApplied, namespaceObject, refTo, startBench } from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { clusterDifferences, inventoryDifferences } from './faults/differences.ts';
import { openSandboxGround } from './ground.ts';

describe('kinds that come and go', () => {
  let open: Awaited<ReturnType<typeof openSandboxGround>>;
  let count = 0;
  const benches: Bench[] = [];

  beforeAll(async () => {
    open = await openSandboxGround('vanishing');
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => open?.close());

  const fresh = async () => {
    count += 1;
    const namespace = `vanishing-${count}`;
    await open.ground.put(namespaceObject(namespace), 'kubectl');
    const bench = startBench(open.ground);
    benches.push(bench);
    const group = `v${count}.example.com`;
    const definition: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: permissive } }],
      },
    };
    const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'w', namespace }, spec: { size: 3 } };
    const objects = [widget, ...['a', 'b', 'c'].map((name) => configMap(name, { name }, namespace))];
    return { namespace, application: namespace, bench, definition, objects };
  };
  const permissive = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const definitionRef = ({ metadata }: KubeObject) =>
    refTo('CustomResourceDefinition', '', metadata.name, 'apiextensions.k8s.io');

  it('[A1] waits for a kind that somebody else is to bring, and writes nothing before', async () => {
    const { bench, definition, ...own } = await fresh();
    bench.run(own);
    const failed = await bench.reach('it has failed', ({ phase }) => phase === 'failed', own.application);
    expect(failed.problems[0]).toMatchObject({ code: 'not-served', object: { kind: 'Widget' } });
    expect(bench.writes()).toBe(0);
    await open.ground.put(definition, 'kubectl');
    await bench.reach('it is applied', isApplied, own.application);
    expect(await clusterDifferences(open.ground.kube, own.application, own.objects, new Set())).toEqual([]);
  });

  it('[A5, A6] prunes and forgets nothing while a kind is gone, and keeps the rest', async () => {
    const { bench, definition, ...own } = await fresh();
    const { ground } = open;
    await ground.put(definition, 'kubectl');
    bench.run(own);
    await bench.reach('it is applied', isApplied, own.application);
    await ground.remove(definitionRef(definition));
    const failed = await bench.reach('it is not served', ({ phase }) => phase === 'failed', own.application);
    expect(failed.problems[0]).toMatchObject({ code: 'not-served', object: { kind: 'Widget' } });
    await ground.remove(refTo('ConfigMap', own.namespace, 'b'));
    const configMaps = await ground.kube.resourceOf('', 'ConfigMap');
    if (configMaps === null) throw new Error('ConfigMaps are not served');
    const stands = async () => (await ground.kube.get(configMaps, { namespace: own.namespace, name: 'b' })) !== null;
    await until(stands, { what: 'what is deleted comes back meanwhile' });
    expect(bench.details('pruned')).toEqual([]);

    await ground.put(definition, 'kubectl');
    await bench.reach('it is applied again', isApplied, own.application);
    const differences = async () => [
      ...(await clusterDifferences(ground.kube, own.application, own.objects, new Set())),
      ...(await inventoryDifferences(ground.kube, bench.state, own.application, own.objects)),
    ];
    let left: string[] = [];
    const isRight = async () => {
      left = await differences();
      return left.length === 0;
    };
    await until(isRight, { what: 'the widget stands and is listed', describe: () => left.join('\n') });
  });
});
