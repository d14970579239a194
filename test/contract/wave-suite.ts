import { expect, it } from 'vitest';
import type { KubeObject } from '../../core/objects/object.ts';
import { until } from '../until.ts';
import { bundleOf, configMap, deployment, type Ground, isApplied, refTo, rolledOut } from './engine-harness.ts';
import { suiteWorld } from './suite-world.ts';

/** Waves, on any cluster: a bundle's objects are written one wave after another, each once the one before it is well. */
export function waveSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  const world = suiteWorld(open, 'wave');
  const { start, fresh, read } = world;
  const wave = (object: KubeObject, number: number): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations: { 'fairway.dev/wave': String(number) } },
  });

  it('[A2, A9] a wave waits until the one before it is well, and holds up no other application', async () => {
    const own = await fresh();
    const bench = start({ limits: { concurrency: 1 } });
    const waiting = bundleOf(world.space, [deployment('web', world.space), wave(configMap('late', {}), 1)], own);
    const other = bundleOf(`${world.space}-other`, [configMap('other', {})], { namespace: world.space });
    bench.assign({ bundle: waiting });
    const status = await bench.reach(
      'the wave waits',
      ({ wait }) => wait?.reason.startsWith('wave 1') ?? false,
      world.space,
    );
    expect(status).toMatchObject({
      phase: 'applying',
      wait: { since: expect.any(Number), deadline: expect.any(Number) },
    });
    expect(status.wait?.reason).toContain(`wave 1 waits for Deployment ${world.space}/web`);
    expect(await read('ConfigMap', 'late')).toBeNull();
    bench.assign({ bundle: waiting }, { bundle: other });
    await bench.reach('the other is applied', isApplied, `${world.space}-other`);
    expect(bench.status(world.space)?.phase).toBe('applying');
    await world.ground.setStatus(refTo('Deployment', world.space, 'web', 'apps'), rolledOut);
    await bench.reach('all is applied', isApplied, world.space);
    expect(bench.log.filter((line) => line.endsWith('late') || line.endsWith('web'))).toEqual([
      'apply Deployment web',
      'apply ConfigMap late',
    ]);
  });

  it('[A2, D1] what both bundles want alike is put back while the newer one waits', async () => {
    const own = await fresh();
    const bench = start();
    const late = (value: string) => [wave(configMap('steady', {}), 2), wave(configMap('late', { value }), 2)];
    bench.run({ ...own, objects: [configMap('first', {}), ...late('1')] });
    await bench.reach('it is applied', isApplied, world.space);
    const web = wave(deployment('web', world.space), 1);
    bench.run({ ...own, objects: [configMap('first', {}), web, ...late('2')] });
    await bench.reach('wave 2 waits', ({ wait }) => wait?.reason.startsWith('wave 2') ?? false, world.space);
    const before = bench.log.length;
    for (const name of ['steady', 'late']) await world.ground.remove(refTo('ConfigMap', world.space, name));
    await until(async () => (await read('ConfigMap', 'steady')) !== null, { what: 'what did not change is put back' });
    expect(bench.status(world.space)?.phase).toBe('applying');
    expect(bench.log.slice(before)).toEqual(['apply ConfigMap steady']);
    await world.ground.setStatus(refTo('Deployment', world.space, 'web', 'apps'), rolledOut);
    await bench.reach('all is applied', isApplied, world.space);
    expect((await read('ConfigMap', 'late'))?.data).toEqual({ value: '2' });
    expect(bench.log.slice(before)).toEqual(['apply ConfigMap steady', 'apply ConfigMap late']);
  });

  it('[A1, A2] nothing is written where an object of a later wave is invalid', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('early', {}), wave(configMap('late', { number: 5 }), 7)] });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', world.space);
    expect(status.problems).toMatchObject([{ code: 'invalid', object: { name: 'late' } }]);
    expect(bench.writes()).toBe(0);
  });

  it('[A2] nothing waits where the later waves are as they should be', async () => {
    const own = await fresh();
    const bench = start();
    const late = wave(configMap('late', {}), 1);
    bench.run({ ...own, objects: [deployment('web', world.space), late] });
    await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1') ?? false, world.space);
    await world.ground.setStatus(refTo('Deployment', world.space, 'web', 'apps'), rolledOut);
    await bench.reach('all is applied', isApplied, world.space);
    bench.run({ ...own, objects: [deployment('web', world.space, 'example/app:2'), late] });
    const status = await bench.reach('the second stands', (now) => isApplied(now) && now.generation === 2, world.space);
    expect(status.health).toBe('progressing');
  });

  it('[A9, R5] a wave that is not well in time has failed, and goes on when it is', async () => {
    const own = await fresh();
    let later = 0;
    const bench = start({ now: () => Date.now() + later });
    bench.run({ ...own, objects: [deployment('web', world.space), wave(configMap('late', {}), 1)] });
    await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1') ?? false, world.space);
    later = 3_600_000;
    const crashed = { conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] };
    await world.ground.setStatus(refTo('Deployment', world.space, 'web', 'apps'), ({ metadata }) => ({
      ...crashed,
      observedGeneration: metadata.generation,
    }));
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', world.space);
    expect(status).toMatchObject({
      health: 'degraded',
      message: expect.stringContaining('wave 1 waits for Deployment'),
    });
    expect(bench.details('failed')).toMatchObject([{ code: 'timed-out' }]);
    await world.ground.setStatus(refTo('Deployment', world.space, 'web', 'apps'), rolledOut);
    await bench.reach('all is applied', isApplied, world.space);
    expect(await read('ConfigMap', 'late')).not.toBeNull();
    expect(bench.details('failed')).toHaveLength(1);
  });

  it('[A2] puts back what drifted in an early wave while a later one waits', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({
      ...own,
      objects: [configMap('early', { a: '1' }), deployment('web', world.space), wave(configMap('late', {}), 1)],
    });
    await bench.reach('the wave waits', ({ wait }) => wait?.reason.startsWith('wave 1') ?? false, world.space);
    await world.ground.edit(refTo('ConfigMap', world.space, 'early'), 'kubectl-edit', (object) =>
      Object.assign(object.data as object, { a: '2' }),
    );
    await until(async () => ((await read('ConfigMap', 'early'))?.data as { a?: string })?.a === '1', {
      what: 'it is put back',
    });
    expect(bench.status(world.space)?.phase).toBe('applying');
  });
}
