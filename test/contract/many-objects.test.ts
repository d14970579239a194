import { afterEach, describe, expect, it } from 'vitest';
import type { Kube } from '../../agent/kube/port.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { until } from '../until.ts';
import { type Bench, configMap, isApplied, refTo, startBench } from './engine-harness.ts';

/** What must not grow with the number of objects that an application has. */
describe('an application of ten thousand objects', () => {
  const benches: Bench[] = [];
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });

  it('[A3, D1] is kept by one list a kind; what changes is put back by reading nothing else', async () => {
    const ground = createMemoryCluster();
    const reads: string[] = [];
    const kube: Kube = {
      ...ground.kube,
      get: (resource, name, options) => {
        reads.push(`get ${name.name}`);
        return ground.kube.get(resource, name, options);
      },
      list: (resource, options) => {
        reads.push(`list ${resource.plural}`);
        return ground.kube.list(resource, options);
      },
    };
    const start = (state?: Bench['state']) => {
      const bench = startBench(ground, { kube, ...(state === undefined ? {} : { state }) });
      benches.push(bench);
      return bench;
    };
    const objects = Array.from({ length: 10_000 }, (_, index) => configMap(`m-${index}`, { index: String(index) }));
    const first = start();
    first.run({ objects });
    await first.reach('all is applied', isApplied);
    expect(first.writes()).toBe(10_000);
    await first.stop();

    reads.length = 0;
    const second = start(first.state);
    second.run({ objects });
    await second.reach('all stands after a restart', isApplied);
    expect(second.writes()).toBe(0);
    expect(reads.filter((read) => read === 'list configmaps')).toHaveLength(1);

    reads.length = 0;
    await ground.edit(refTo('ConfigMap', 'default', 'm-77'), 'kubectl-edit', (object) => {
      object.data = { index: 'by hand' };
    });
    await until(() => second.details('drift').length === 1, { what: 'it is put back' });
    expect(second.details('drift')).toMatchObject([{ outcome: 'corrected', drift: { object: { name: 'm-77' } } }]);
    expect(second.writes()).toBe(1);
    expect(reads).toEqual([]);
  });
});
