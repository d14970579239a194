import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type KubeObject, ownerLabel } from '../../core/object.ts';
import type { ApplicationStatus } from '../../core/status.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import {
  type Bench,
  bundleOf,
  configMap,
  deployment,
  ended,
  type Ground,
  isApplied,
  job,
  namespaceObject,
  refTo,
  rolledOut,
  startBench,
} from './engine-harness.ts';

/** The order in which a bundle is applied, on any cluster: waves that wait for health, and Jobs that run around them. */
export function orderSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  let ground: Ground;
  let close: () => Promise<void>;
  let count = 0;
  let space = '';
  const benches: Bench[] = [];
  const start = (settings: Parameters<typeof startBench>[1] = {}) => {
    const bench = startBench(ground, settings);
    benches.push(bench);
    return bench;
  };
  const fresh = async () => {
    count += 1;
    space = `order-${count}`;
    await ground.put(namespaceObject(space), 'kubectl');
    return { namespace: space, application: space };
  };
  const read = async (kind: string, name: string, group = '') => {
    const resource = await ground.kube.resourceOf(group, kind);
    return resource === null ? null : ground.kube.get(resource, { namespace: space, name });
  };
  const jobs = async (): Promise<readonly KubeObject[]> => {
    const resource = await ground.kube.resourceOf('batch', 'Job');
    if (resource === null) throw new Error('no Jobs');
    return (await ground.kube.list(resource, { namespace: space, labelSelector: ownerLabel })).items;
  };
  const jobNames = async () => (await jobs()).map(({ metadata }) => metadata.name);
  const isRunning = (name: string) => (status: ApplicationStatus) =>
    status.phase === 'applying' && (status.wait?.reason.includes(name) ?? false);
  const finish = async (name: string, type: 'Complete' | 'Failed' = 'Complete') => {
    const found = (await jobNames()).filter((each) => each.startsWith(`${name}-`)).at(-1) ?? '';
    await ground.setStatus(refTo('Job', space, found, 'batch'), ended(type, 'it did not go well'));
    return found;
  };
  const wave = (object: KubeObject, number: number): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations: { 'fairway.dev/wave': String(number) } },
  });
  const hook = (name: string, moment: 'pre' | 'post', more: Record<string, string> = {}) =>
    job(name, space, { 'fairway.dev/hook': moment, ...more });

  beforeAll(async () => {
    ({ ground, close } = await open());
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => close());

  describe('waves', () => {
    it('[A2, A9] a wave waits until the one before it is well, and holds up no other application', async () => {
      const own = await fresh();
      const bench = start({ limits: { concurrency: 1 } });
      const waiting = bundleOf(space, [deployment('web', space), wave(configMap('late', {}), 1)], own);
      const other = bundleOf(`${space}-other`, [configMap('other', {})], { namespace: space });
      bench.assign({ bundle: waiting });
      const status = await bench.reach(
        'the wave waits',
        ({ wait }) => wait?.reason.startsWith('wave 1') ?? false,
        space,
      );
      expect(status).toMatchObject({
        phase: 'applying',
        wait: { since: expect.any(Number), deadline: expect.any(Number) },
      });
      expect(status.wait?.reason).toContain(`wave 1 waits for Deployment ${space}/web`);
      expect(await read('ConfigMap', 'late')).toBeNull();
      bench.assign({ bundle: waiting }, { bundle: other });
      await bench.reach('the other is applied', isApplied, `${space}-other`);
      expect(bench.status(space)?.phase).toBe('applying');
      await ground.setStatus(refTo('Deployment', space, 'web', 'apps'), rolledOut);
      await bench.reach('all is applied', isApplied, space);
      expect(bench.log.filter((line) => line.endsWith('late') || line.endsWith('web'))).toEqual([
        'apply Deployment web',
        'apply ConfigMap late',
      ]);
    });

    it('[A1, A2] nothing is written where an object of a later wave is invalid', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('early', {}), wave(configMap('late', { number: 5 }), 7)] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status.problems).toMatchObject([{ code: 'invalid', object: { name: 'late' } }]);
      expect(bench.writes()).toBe(0);
    });

    it('[A2] nothing waits where the later waves are as they should be', async () => {
      const own = await fresh();
      const bench = start();
      const late = wave(configMap('late', {}), 1);
      bench.run({ ...own, objects: [deployment('web', space), late] });
      await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1') ?? false, space);
      await ground.setStatus(refTo('Deployment', space, 'web', 'apps'), rolledOut);
      await bench.reach('all is applied', isApplied, space);
      bench.run({ ...own, objects: [deployment('web', space, 'example/app:2'), late] });
      const status = await bench.reach('the second stands', (now) => isApplied(now) && now.generation === 2, space);
      expect(status.health).toBe('progressing');
    });

    it('[A9, R5] a wave that is not well in time has failed, and goes on when it is', async () => {
      const own = await fresh();
      let later = 0;
      const bench = start({ now: () => Date.now() + later });
      bench.run({ ...own, objects: [deployment('web', space), wave(configMap('late', {}), 1)] });
      await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1') ?? false, space);
      later = 3_600_000;
      const crashed = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
      await ground.setStatus(refTo('Deployment', space, 'web', 'apps'), ({ metadata }) => ({
        ...crashed,
        observedGeneration: metadata.generation,
      }));
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status).toMatchObject({
        health: 'degraded',
        message: expect.stringContaining('wave 1 waits for Deployment'),
      });
      expect(bench.details('failed')).toMatchObject([{ code: 'timed-out' }]);
      await ground.setStatus(refTo('Deployment', space, 'web', 'apps'), rolledOut);
      await bench.reach('all is applied', isApplied, space);
      expect(await read('ConfigMap', 'late')).not.toBeNull();
      expect(bench.details('failed')).toHaveLength(1);
    });

    it('[A2] puts back what drifted in an early wave while a later one waits', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({
        ...own,
        objects: [configMap('early', { a: '1' }), deployment('web', space), wave(configMap('late', {}), 1)],
      });
      await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1') ?? false, space);
      await ground.edit(refTo('ConfigMap', space, 'early'), 'kubectl-edit', (object) =>
        Object.assign(object.data as object, { a: '2' }),
      );
      await until(async () => ((await read('ConfigMap', 'early'))?.data as { a?: string })?.a === '1', {
        what: 'it is put back',
      });
      expect(bench.status(space)?.phase).toBe('applying');
    });
  });

  describe('hooks', () => {
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
      await bench.reach('the first hook runs', isRunning('migrate'), space);
      expect(await read('ConfigMap', 'settings')).toBeNull();
      const first = await finish('migrate');
      await bench.reach('the last hook runs', isRunning('check'), space);
      expect(await read('ConfigMap', 'settings')).not.toBeNull();
      expect(bench.status(space)?.running).toBeNull();
      const check = await finish('check');
      const status = await bench.reach('it is applied', isApplied, space);
      expect(status).toMatchObject({ health: 'healthy', counts: { objects: 1, healthy: 1 } });
      expect(bench.log).toEqual([`apply Job ${first}`, 'apply ConfigMap settings', `apply Job ${check}`]);
      expect(first).toMatch(/^migrate-[0-9a-f]{7}$/);

      await ground.remove(refTo('ConfigMap', space, 'settings'));
      await until(async () => (await read('ConfigMap', 'settings')) !== null, { what: 'drift is corrected' });
      await bench.stop();
      const second = start({ state });
      second.run({ ...own, objects: objects('1') });
      await second.reach('it stands after a restart', isApplied, space);
      expect(await jobNames()).toHaveLength(2);
      expect(second.writes()).toBe(0);

      second.run({ ...own, objects: objects('2') });
      await second.reach('the next release runs its own', isRunning('migrate'), space);
      expect(await jobNames()).not.toContain(first);
      const next = await finish('migrate');
      expect(next).not.toBe(first);
      await second.reach('its last hook runs', isRunning('check'), space);
      await finish('check');
      await second.reach('it is applied', (now) => isApplied(now) && now.running?.bundle === now.bundle, space);
      expect(await jobNames()).toHaveLength(2);
    });

    it('[A2] that fail, fail the application with their last lines, and run again once their Job is deleted', async () => {
      const own = await fresh();
      const logs = async () => 'connecting\ncannot alter table orders: locked\n';
      const bench = start({ kube: { ...ground.kube, logs } });
      bench.run({ ...own, objects: [hook('migrate', 'pre'), configMap('settings', {})] });
      await bench.reach('the hook runs', isRunning('migrate'), space);
      const name = (await jobNames())[0] ?? '';
      const [created] = await jobs();
      await ground.put(podOf(created as KubeObject), 'kube-controller-manager');
      await finish('migrate', 'Failed');
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
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

      await ground.remove(refTo('Job', space, name, 'batch'));
      await bench.reach('it runs again', isRunning('migrate'), space);
      await finish('migrate');
      await bench.reach('it is applied', isApplied, space);
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
      await bench.reach('it is applied', isApplied, space);
      const stems = async () => (await jobNames()).map((name) => name.replace(/-[0-9a-f]{7}$/, '')).sort();
      expect(await stems()).toEqual(['next', 'stays']);
      bench.run({ ...own, objects: [configMap('a', { changed: 'yes' })] });
      const status = await bench.reach('the next is applied', (now) => isApplied(now) && now.generation === 2, space);
      expect(status.problems).toEqual([]);
      await until(async () => (await jobNames()).length === 1, { what: 'what has no hook any more is deleted' });
      expect(await stems()).toEqual(['stays']);
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
        await ground.setStatus(refTo('Job', space, name, 'batch'), ended('Complete'));
        await until(async () => ((await read('ConfigMap', 'a'))?.data as { value?: string })?.value === value, {
          what: `${value} is applied`,
        });
        await bench.reach('it is applied', (now) => isApplied(now) && now.running?.bundle === now.bundle, space);
      }
      expect(names[0]).toBe(names[2]);
      expect(names[1]).not.toBe(names[0]);
    });

    it('[A5] are remembered when the inventory is lost in the middle of one', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const objects = [hook('migrate', 'pre'), configMap('a', {})];
      const first = start({ state });
      first.run({ ...own, objects });
      await first.reach('the hook runs', isRunning('migrate'), space);
      await first.stop();
      await state.write(`inventory/${space}`, new TextEncoder().encode('{'));
      const second = start({ state });
      second.run({ ...own, objects });
      await second.reach('the hook still runs', isRunning('migrate'), space);
      await finish('migrate');
      await second.reach('it is applied', isApplied, space);
      expect(second.log.filter((line) => line.includes('Job'))).toEqual([]);
    });

    it('[X4] refuses hooks and annotations that nobody understands, naming each', async () => {
      const own = await fresh();
      const bench = start();
      const timed = hook('timed', 'pre');
      (timed.spec as Record<string, unknown>).ttlSecondsAfterFinished = 60;
      const odd = wave(configMap('odd', {}), 0);
      odd.metadata.annotations = { 'fairway.dev/hook': 'before', 'fairway.dev/wave': 'first' };
      bench.run({ ...own, objects: [timed, odd] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status.problems.map(({ code, field }) => [code, field])).toEqual([
        ['invalid', '/spec/ttlSecondsAfterFinished'],
        ['invalid', '/metadata/annotations/fairway.dev~1wave'],
        ['invalid', '/metadata/annotations/fairway.dev~1hook'],
      ]);
      expect(bench.writes()).toBe(0);
    });
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
