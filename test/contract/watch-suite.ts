import { expect, it } from 'vitest';
import type { Kube } from '../../agent/kube/port.ts';
import { ownerLabel } from '../../core/objects/object.ts';
import { until } from '../until.ts';
import type { DriftTools } from './drift-suite.ts';
import { bundleOf, configMap, deployment, isApplied, refTo } from './engine-harness.ts';

/** What is watched, what is not, and what is seen although no watch shows it (D1). */
export function watchSuite(tools: DriftTools): void {
  const { start, fresh, data, setData, read } = tools;

  /** The cluster, and the plural of each kind that is watched just now. */
  const watched = () => {
    const open: string[] = [];
    const kube: Kube = {
      ...tools.ground.kube,
      watch: async (resource, options, onEvent) => {
        open.push(resource.plural);
        try {
          await tools.ground.kube.watch(resource, options, onEvent);
        } finally {
          open.splice(open.indexOf(resource.plural), 1);
        }
      },
    };
    return { kube, kinds: () => [...new Set(open)].sort() };
  };

  it('[D1] watches the kinds that an application has, and no longer than one has them', async () => {
    const { namespace } = await fresh();
    const { kube, kinds } = watched();
    const bench = start({ kube });
    const bundle = (name: string, ...objects: Parameters<typeof bundleOf>[1]) => bundleOf(name, objects, { namespace });
    const [one, two] = [`${namespace}-one`, `${namespace}-two`];
    bench.assign(
      { bundle: bundle(one, configMap('a', { one: '1' }), deployment('web', namespace)) },
      { bundle: bundle(two, configMap('b', { two: '2' })) },
    );
    await bench.reach('the first is applied', isApplied, one);
    await bench.reach('the second is applied', isApplied, two);
    await until(() => kinds().join() === 'configmaps,deployments', { what: 'both kinds are watched' });
    bench.assign(
      { bundle: bundle(one, configMap('a', { one: '1' })) },
      { bundle: bundle(two, configMap('b', { two: '2' })) },
    );
    await until(() => kinds().join() === 'configmaps', { what: 'Deployments are no longer watched' });
    expect(await read('Deployment', 'web', 'apps')).toBeNull();
    bench.assign({ bundle: bundle(two, configMap('b', { two: '2' })) });
    await setData('b', 'kubectl-edit', { two: 'changed' });
    await until(async () => (await data('b'))?.two === '2', { what: 'the other is corrected all the same' });
    bench.assign();
    await until(() => kinds().length === 0, { what: 'nothing is watched', describe: () => kinds().join() });
  });

  it('[D1] sees at once in mode report that its label is gone, and what happens to the object after that', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] }, { drift: 'report' });
    await bench.reach('it is applied', isApplied, tools.space);
    const ref = refTo('ConfigMap', tools.space, 'a');
    await tools.ground.edit(ref, 'kubectl-label', ({ metadata }) => {
      delete metadata.labels?.[ownerLabel];
    });
    const fields = () => bench.status(tools.space)?.drifts.map(({ field }) => field) ?? [];
    const label = '/metadata/labels/fairway.dev~1application';
    await until(() => fields().join() === label, { what: 'the label is missed' });
    await setData('a', 'kubectl-edit', { one: 'changed' });
    await until(() => fields().sort().join() === `/data/one,${label}`, { what: 'a later change is seen too' });
    await tools.ground.remove(ref);
    const status = await bench.reach('its deletion is seen', ({ drifts }) => drifts[0]?.field === '', tools.space);
    expect(status).toMatchObject({ health: 'degraded', counts: { drifted: 1 } });
    expect(await data('a')).toBeUndefined();
  });
}
