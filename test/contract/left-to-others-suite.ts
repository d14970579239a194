import { expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { until } from '../until.ts';
import type { DriftTools } from './drift-suite.ts';
import { type Bench, configMap, containersOf, deployment, isApplied, refTo } from './engine-harness.ts';

/** Fields that belong to somebody else: by a rule, or because an autoscaler stands there (D4). */
export function leftToOthersSuite(tools: DriftTools): void {
  const { start, read, fresh, setData, data } = tools;
  const web = (image = 'example/app:1') => deployment('web', tools.space, image);
  const live = () => read('Deployment', 'web', 'apps');
  const replicas = async () => ((await live())?.spec as { replicas?: number } | undefined)?.replicas;
  const edit = (manager: string, change: (object: KubeObject) => void) =>
    tools.ground.edit(refTo('Deployment', tools.space, 'web', 'apps'), manager, change);
  const scale = (count: number, manager = 'kube-controller-manager') =>
    edit(manager, ({ spec }) => Object.assign(spec as object, { replicas: count }));
  const autoscaler = (target = 'web'): KubeObject => ({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: target, namespace: tools.space },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
      minReplicas: 2,
      maxReplicas: 9,
    },
  });
  /** Another drift is found and corrected: what came before it was seen too. */
  const settle = async (bench: Bench) => {
    await setData('mark', 'kubectl-edit', { a: 'changed' });
    await until(async () => (await data('mark'))?.a === 'b', { what: 'what came later is corrected' });
    await bench.reach('it is applied', isApplied, tools.space);
  };
  const stray = (bench: Bench) => bench.details('drift').filter(({ drift }) => drift.object.name !== 'mark');
  const conflicts = (bench: Bench) => bench.status(tools.space)?.problems.filter(({ code }) => code === 'conflict');
  const mark = () => configMap('mark', { a: 'b' });

  it('[D4] writes an ignored field at creation, and leaves it to others after that', async () => {
    const own = { ...(await fresh()), ignore: [{ kind: 'Deployment', fields: ['/spec/replicas'] }] };
    const bench = start();
    bench.run({ ...own, objects: [web(), mark()] });
    await bench.reach('it is applied', isApplied, tools.space);
    expect(await replicas()).toBe(2);
    for (const [image, count] of [
      ['example/app:2', 2],
      ['example/app:3', 7],
    ] as const) {
      if (count !== 2) await scale(count, 'autoscaler');
      bench.run({ ...own, objects: [web(image), mark()] });
      await until(async () => containersOf(await live())[0]?.image === image, { what: 'the next is applied' });
      expect(await replicas()).toBe(count);
    }
    await settle(bench);
    expect([stray(bench), conflicts(bench)]).toEqual([[], []]);
  });

  it('[D4] leaves one item of a list to others, and corrects the next', async () => {
    const list = '/spec/template/spec/containers';
    const own = { ...(await fresh()), ignore: [{ name: 'w*', fields: [`${list}[name=proxy]/image`] }] };
    const both = web();
    (containersOf(both) as object[]).unshift({ name: 'proxy', image: 'example/proxy:1' });
    const bench = start();
    bench.run({ ...own, objects: [both, mark()] });
    await bench.reach('it is applied', isApplied, tools.space);
    await edit('injector', (object) => {
      for (const container of containersOf(object)) Object.assign(container, { image: 'example/injected:2' });
    });
    await until(async () => containersOf(await live())[1]?.image === 'example/injected:2', { what: 'it is changed' });
    // The injector is a controller, and so what it has set is yielded, unless the bundle is applied by force.
    await bench.reach('the conflict is told', ({ problems }) => problems.length > 0, tools.space);
    await until(() => conflicts(bench)?.[0]?.field === `${list}/1/image`, { what: 'it is of the other container' });
    expect(conflicts(bench)).toHaveLength(1);
    bench.run({ ...own, conflicts: 'force', objects: [both, mark()] });
    await until(async () => containersOf(await live())[1]?.image === 'example/app:1', { what: 'it is put back' });
    expect(containersOf(await live())[0]?.image).toBe('example/injected:2');
  });

  it('[D4] leaves replicas to an autoscaler of the bundle, without a rule', async () => {
    const own = { ...(await fresh()), conflicts: 'force' } as const;
    const bench = start();
    bench.run({ ...own, objects: [web(), autoscaler(), mark()] });
    await bench.reach('it is applied', isApplied, tools.space);
    expect(await replicas()).toBe(2);
    await scale(7);
    bench.run({ ...own, objects: [web('example/app:2'), autoscaler(), mark()] });
    await until(async () => containersOf(await live())[0]?.image === 'example/app:2', { what: 'the next is applied' });
    await settle(bench);
    expect(await replicas()).toBe(7);
    expect([stray(bench), conflicts(bench)]).toEqual([[], []]);
  });

  it('[D4] leaves replicas to an autoscaler that somebody made later, and takes them back when it is gone', async () => {
    const own = { ...(await fresh()), conflicts: 'force' } as const;
    const bench = start({ limits: { comparison: 2_000 } });
    bench.run({ ...own, objects: [web(), mark()] });
    await bench.reach('it is applied', isApplied, tools.space);
    await tools.ground.put(autoscaler(), 'kubectl-create');
    for (const manager of ['kube-controller-manager', 'kubectl-scale', 'anybody']) {
      await scale(7, manager);
      await settle(bench);
      expect(await replicas(), manager).toBe(7);
      await scale(2);
    }
    expect(stray(bench)).toEqual([]);
    await scale(7, 'kubectl-scale');
    await tools.ground.remove(refTo('HorizontalPodAutoscaler', tools.space, 'web', 'autoscaling'));
    await until(async () => (await replicas()) === 2, { what: 'the replicas are put back' });
  });

  it('[A4, D4] takes a workload over without touching the replicas that an autoscaler has set', async () => {
    const own = { ...(await fresh()), conflicts: 'force' } as const;
    const found = web('example/app:old');
    Object.assign(found.spec as object, { replicas: 7 });
    await tools.ground.put(found, 'kubectl-create');
    await tools.ground.put(autoscaler(), 'kubectl-create');
    const bench = start();
    bench.run({ ...own, objects: [web(), mark()] });
    await until(async () => containersOf(await live())[0]?.image === 'example/app:1', { what: 'it is taken over' });
    await settle(bench);
    expect(await replicas()).toBe(7);
    expect(bench.reports.some(({ drifts }) => drifts.length > 0)).toBe(false);
  });

  it('[D2] an autoscaler of another workload leaves nothing to anybody', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [web(), autoscaler('api'), mark()] });
    await bench.reach('it is applied', isApplied, tools.space);
    await scale(7, 'kubectl-scale');
    await until(async () => (await replicas()) === 2, { what: 'the replicas are put back' });
  });
}
