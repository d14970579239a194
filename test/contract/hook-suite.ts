import { expect, it } from 'vitest';
import type { ApplicationStatus } from '../../core/link/status.ts';
import { type KubeObject, ownerLabel } from '../../core/objects/object.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { configMap, ended, type Ground, isApplied, job, namespaceObject, refTo } from './engine-harness.ts';
import { suiteWorld } from './suite-world.ts';

/** Hooks, on any cluster: Jobs that run to their end around the rest of a bundle, once on each way to it. */
export function hookSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  const world = suiteWorld(open, 'hook');
  const { start, fresh, read } = world;
  const jobs = async (): Promise<readonly KubeObject[]> => {
    const resource = await world.ground.kube.resourceOf('batch', 'Job');
    if (resource === null) throw new Error('no Jobs');
    return (await world.ground.kube.list(resource, { namespace: world.space, labelSelector: ownerLabel })).items;
  };
  const jobNames = async () => (await jobs()).map(({ metadata }) => metadata.name);
  const isRunning = (name: string) => (status: ApplicationStatus) =>
    status.phase === 'applying' && (status.wait?.reason.includes(name) ?? false);
  const finish = async (name: string, type: 'Complete' | 'Failed' = 'Complete') => {
    const find = async () => (await jobNames()).filter((each) => each.startsWith(`${name}-`)).at(-1);
    // An earlier run of it may have to go first.
    await until(async () => (await find()) !== undefined, { what: `the Job of ${name} is there` });
    const found = (await find()) ?? '';
    await world.ground.setStatus(refTo('Job', world.space, found, 'batch'), ended(type, 'it did not go well'));
    return found;
  };
  const hook = (name: string, moment: 'pre' | 'post', more: Record<string, string> = {}) =>
    job(name, world.space, { 'fairway.dev/hook': moment, ...more });

  it('[A2] run to their end before and after the rest, under names of their release, once', async () => {
    const own = await fresh();
    const state = createMemoryState();
    const bench = start({ state });
    const objects = (value: string) => [
      hook('check', 'post'),
      configMap('settings', { value }),
      hook('migrate', 'pre'),
    ];
    bench.run({ ...own, objects: objects('1') });
    await bench.reach('the first hook runs', isRunning('migrate'), world.space);
    expect(await read('ConfigMap', 'settings')).toBeNull();
    const first = await finish('migrate');
    await bench.reach('the last hook runs', isRunning('check'), world.space);
    expect(await read('ConfigMap', 'settings')).not.toBeNull();
    expect(bench.status(world.space)?.running).toBeNull();
    const check = await finish('check');
    const status = await bench.reach('it is applied', isApplied, world.space);
    expect(status).toMatchObject({ health: 'healthy', counts: { objects: 1, healthy: 1 } });
    expect(bench.log).toEqual([`apply Job ${first}`, 'apply ConfigMap settings', `apply Job ${check}`]);
    expect(first).toMatch(/^migrate-[0-9a-f]{7}$/);

    await world.ground.remove(refTo('ConfigMap', world.space, 'settings'));
    await until(async () => (await read('ConfigMap', 'settings')) !== null, { what: 'drift is corrected' });
    await bench.stop();
    const second = start({ state });
    second.run({ ...own, objects: objects('1') });
    await second.reach('it stands after a restart', isApplied, world.space);
    expect(await jobNames()).toHaveLength(2);
    expect(second.writes()).toBe(0);

    second.run({ ...own, objects: objects('2') });
    await second.reach('the next release runs its own', isRunning('migrate'), world.space);
    expect(await jobNames()).not.toContain(first);
    const next = await finish('migrate');
    expect(next).not.toBe(first);
    await second.reach('its last hook runs', isRunning('check'), world.space);
    await finish('check');
    await second.reach('it is applied', (now) => isApplied(now) && now.running?.bundle === now.bundle, world.space);
    expect(await jobNames()).toHaveLength(2);
  });

  it('[A2] that fail, fail the application with their last lines, and run again once their Job is deleted', async () => {
    const own = await fresh();
    const logs = async () => 'connecting\ncannot alter table orders: locked\n';
    const bench = start({ kube: { ...world.ground.kube, logs } });
    bench.run({ ...own, objects: [hook('migrate', 'pre'), configMap('settings', {})] });
    await bench.reach('the hook runs', isRunning('migrate'), world.space);
    const name = (await jobNames())[0] ?? '';
    const [created] = await jobs();
    await world.ground.put(podOf(created as KubeObject), 'kube-controller-manager');
    await finish('migrate', 'Failed');
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', world.space);
    expect(status).toMatchObject({ health: 'degraded', problems: [{ code: 'hook-failed', object: { name } }] });
    const [failure] = bench.details('failed');
    expect(failure).toMatchObject({ code: 'hook-failed' });
    expect(failure?.message).toContain('connecting | cannot alter table orders: locked');
    expect(failure?.message).toContain('it did not go well');
    await until(() => bench.reports.filter(({ phase }) => phase === 'failed').length > 1, {
      what: 'it is tried again',
    });
    expect(bench.log).toEqual([`apply Job ${name}`]);
    expect(bench.details('failed')).toHaveLength(1);

    await world.ground.remove(refTo('Job', world.space, name, 'batch'));
    await bench.reach('it runs again', isRunning('migrate'), world.space);
    await finish('migrate');
    await bench.reach('it is applied', isApplied, world.space);
    expect(await read('ConfigMap', 'settings')).not.toBeNull();
  });

  it('[A2] go as their policy says, and never count as something to be pruned', async () => {
    const own = await fresh();
    const bench = start();
    const policies = [
      hook('gone', 'pre', { 'fairway.dev/hook-delete': 'on-success' }),
      hook('stays', 'pre', { 'fairway.dev/hook-delete': 'never' }),
      hook('next', 'pre'),
    ];
    bench.run({ ...own, objects: [...policies, configMap('a', {})] });
    await until(async () => (await jobNames()).length === 3, { what: 'all three run side by side' });
    for (const name of ['gone', 'stays', 'next']) await finish(name);
    await bench.reach('it is applied', isApplied, world.space);
    const stems = async () => (await jobNames()).map((name) => name.replace(/-[0-9a-f]{7}$/, '')).sort();
    expect(await stems()).toEqual(['next', 'stays']);
    bench.run({ ...own, objects: [configMap('a', { changed: 'yes' })] });
    const status = await bench.reach(
      'the next is applied',
      (now) => isApplied(now) && now.generation === 2,
      world.space,
    );
    expect(status.problems).toEqual([]);
    await until(async () => (await jobNames()).length === 1, { what: 'what has no hook any more is deleted' });
    expect(await stems()).toEqual(['stays']);
  });

  it('[A1, A2] run in a namespace that their own bundle brings', async () => {
    const own = await fresh();
    const bench = start();
    const outer = world.space;
    const inner = `${world.space}-inner`;
    const migrate = job('migrate', inner, { 'fairway.dev/hook': 'pre' });
    bench.run({ ...own, objects: [configMap('a', {}, inner), migrate, namespaceObject(inner)] });
    await bench.reach('the hook runs', isRunning('migrate'), outer);
    world.space = inner;
    await finish('migrate');
    const status = await bench.reach('it is applied', isApplied, outer);
    expect(status.counts.objects).toBe(2);
    expect(bench.log.map((line) => line.split(' ')[1])).toEqual(['Namespace', 'Job', 'ConfigMap']);
  });

  it('[A2] run again on the way back to an older bundle', async () => {
    const own = await fresh();
    const bench = start();
    const objects = (value: string) => [
      hook('migrate', 'pre', { 'fairway.dev/hook-delete': 'never' }),
      configMap('a', { value }),
    ];
    const names: string[] = [];
    for (const value of ['1', '2', '1']) {
      const before = bench.log.length;
      bench.run({ ...own, objects: objects(value) });
      await until(() => bench.log.slice(before).some((line) => line.startsWith('apply Job')), {
        what: 'a hook runs',
      });
      const line = bench.log.slice(before).find((each) => each.startsWith('apply Job')) ?? '';
      const name = line.replace('apply Job ', '');
      names.push(name);
      await until(async () => (await jobNames()).includes(name), { what: 'its Job stands' });
      await world.ground.setStatus(refTo('Job', world.space, name, 'batch'), ended('Complete'));
      await until(async () => ((await read('ConfigMap', 'a'))?.data as { value?: string })?.value === value, {
        what: `${value} is applied`,
      });
      await bench.reach('it is applied', (now) => isApplied(now) && now.running?.bundle === now.bundle, world.space);
    }
    expect(names[0]).toBe(names[2]);
    expect(names[1]).not.toBe(names[0]);
  });

  it.each([
    ['migrate', 'migrate'],
    ['m'.repeat(60), 'm'.repeat(55)],
  ])('[A5] are remembered when the inventory is lost in the middle of one: %s', async (name, stem) => {
    const own = await fresh();
    const state = createMemoryState();
    const objects = [hook(name, 'pre'), configMap('a', {})];
    const first = start({ state });
    first.run({ ...own, objects });
    await first.reach('the hook runs', isRunning(stem), world.space);
    await first.stop();
    await state.write(`inventory/${world.space}`, new TextEncoder().encode('{'));
    const second = start({ state });
    second.run({ ...own, objects });
    await second.reach('the hook still runs', isRunning(stem), world.space);
    await finish(stem);
    await second.reach('it is applied', isApplied, world.space);
    expect(second.log.filter((line) => line.includes('Job'))).toEqual([]);
  });

  it('[X4] refuses hooks and annotations that nobody understands, naming each', async () => {
    const own = await fresh();
    const bench = start();
    const timed = hook('timed', 'pre');
    (timed.spec as Record<string, unknown>).ttlSecondsAfterFinished = 60;
    const odd = configMap('odd', {});
    odd.metadata.annotations = { 'fairway.dev/hook': 'before', 'fairway.dev/wave': 'first' };
    bench.run({ ...own, objects: [timed, odd] });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', world.space);
    expect(status.problems.map(({ code, field }) => [code, field])).toEqual([
      ['invalid', '/spec/ttlSecondsAfterFinished'],
      ['invalid', '/metadata/annotations/fairway.dev~1wave'],
      ['invalid', '/metadata/annotations/fairway.dev~1hook'],
    ]);
    expect(bench.writes()).toBe(0);
  });
}

/** A Pod as the Job controller would have made it, and as its kubelet would report it. */
function podOf({ metadata }: KubeObject): KubeObject {
  const { name, namespace = '', uid = '' } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-x`,
      namespace,
      labels: { 'job-name': name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
    },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'example/migrate:1' }] },
  };
}
