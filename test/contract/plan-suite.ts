import { describe, expect, it } from 'vitest';
import type { DryRun } from '../../agent/reconcile/dry-run.ts';
import type { Action } from '../../core/apply/plan.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { configMap, type Ground, isApplied, job, refTo } from './engine-harness.ts';
import { suiteWorld } from './suite-world.ts';

/** What is planned, shown and refused, on any cluster. */
export function planSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  const world = suiteWorld(open, 'plan');
  const { start, fresh, read } = world;
  const data = async (name: string) => (await read('ConfigMap', name))?.data as Record<string, string> | undefined;
  const maps = (...names: string[]) => names.map((name) => configMap(name, { name }));

  describe('a dry run', () => {
    const shown = ({ actions }: DryRun) => Object.fromEntries(actions.map((each) => [each.object.name, each.action]));

    it('[A1, A3] shows what applying then does, field by field, and changes nothing', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({
        ...own,
        objects: [...maps('same', 'changed', 'left', 'more', 'most'), configMap('theirs', { a: '1' })],
      });
      await bench.reach('the first is applied', isApplied, world.space);
      await world.ground.put(configMap('old', { a: 'theirs', b: 'extra' }, world.space), 'kubectl-create');
      await world.ground.edit(refTo('ConfigMap', world.space, 'theirs'), 'some-controller', (object) =>
        Object.assign(object.data as object, { a: '2' }),
      );
      await bench.reach('the conflict is seen', ({ problems }) => problems.length === 1, world.space);
      const next = {
        ...own,
        objects: [
          ...maps('same', 'new', 'more', 'most'),
          configMap('changed', { name: 'otherwise' }),
          configMap('old', { a: 'ours' }),
          configMap('theirs', { a: '1' }),
          job('migrate', world.space, { 'fairway.dev/hook': 'post' }),
        ],
      };
      const before = bench.log.length;
      const run = await bench.dryRun(next);
      const { migrate: _, ...actions } = shown(run);
      const hook = Object.keys(actions).find((name) => name.startsWith('migrate-')) ?? '';
      expect(actions).toEqual({
        ...{ same: 'unchanged', new: 'create', more: 'unchanged', most: 'unchanged', changed: 'change' },
        ...{ old: 'takeOver', theirs: 'conflict', left: 'prune', [hook]: 'hook' },
      } satisfies Record<string, Action>);
      expect(run.actions.find(({ object }) => object.name === 'changed')).toMatchObject({
        fields: [{ field: '/data/name', wanted: '"otherwise"', found: '"changed"' }],
        reason: '/data/name differs',
      });
      expect(run.actions.find(({ object }) => object.name === 'old')?.fields).toMatchObject([
        { field: '/metadata/labels/fairway.dev~1application' },
        { field: '/data/a', wanted: '"ours"', found: '"theirs"', manager: 'kubectl-create' },
      ]);
      expect(run.actions.find(({ object }) => object.name === 'theirs')?.yielded).toMatchObject([{ field: '/data/a' }]);
      expect(bench.log.length).toBe(before);
      expect(await read('ConfigMap', 'new')).toBeNull();
      expect(bench.status(world.space)?.phase).toBe('applied');

      bench.run(next);
      await until(async () => bench.log.some((line) => line.startsWith('apply Job')), { what: 'the rest is applied' });
      const written = bench.log.slice(before).map((line) => line.split(' ').slice(0, 3).join(' '));
      expect(written.sort()).toEqual(
        [
          'apply ConfigMap changed',
          'apply ConfigMap new',
          'apply ConfigMap old',
          'delete ConfigMap left',
          `apply Job ${hook}`,
        ].sort(),
      );
    });

    it('[A1, A10] shows what is refused, with code and field', async () => {
      const own = await fresh();
      const bench = start();
      const run = await bench.dryRun({ ...own, objects: [configMap('good', {}), configMap('bad', { number: 5 })] });
      expect(shown(run)).toEqual({ good: 'create', bad: 'refuse' });
      expect(run.actions[1]).toMatchObject({ refusal: { code: 'invalid', field: '/data/number' } });
      const allow = { kinds: ['apps/*'], namespaces: ['*'] };
      const bounded = await bench.dryRun({ ...own, objects: maps('a') }, { allow });
      expect(bounded.actions).toMatchObject([{ action: 'refuse', refusal: { code: 'refused' } }]);
    });
  });

  describe('a new bundle that is refused', () => {
    it('[A1] leaves the last good one in force: what drifts from that is still put back', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('a', { one: '1' }), configMap('gone', {})] });
      const first = await bench.reach('the first is applied', isApplied, world.space);
      bench.run({ ...own, objects: [configMap('a', { one: '2' }), configMap('bad', { number: 5 })] });
      const failed = await bench.reach('the second has failed', ({ phase }) => phase === 'failed', world.space);
      expect(failed).toMatchObject({ generation: 2, running: first.running, counts: { objects: 2, healthy: 2 } });
      expect(failed.message).toContain(`${first.release} is kept meanwhile`);
      await world.ground.edit(refTo('ConfigMap', world.space, 'a'), 'kubectl-edit', (object) =>
        Object.assign(object.data as object, { one: 'by hand' }),
      );
      await until(async () => (await data('a'))?.one === '1', { what: 'the old value is put back' });
      await world.ground.remove(refTo('ConfigMap', world.space, 'gone'));
      await until(async () => (await read('ConfigMap', 'gone')) !== null, {
        what: 'what the old bundle has comes back',
      });
      expect(bench.status(world.space)?.phase).toBe('failed');
      bench.run({ ...own, objects: [configMap('a', { one: '3' }), configMap('gone', {})] });
      await bench.reach('the third is applied', (now) => isApplied(now) && now.generation === 3, world.space);
      expect(await data('a')).toEqual({ one: '3' });
    });

    it('[A1, L4] leaves the last good one in force after a restart too', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bundles = new Map();
      const bench = start({ state, bundles });
      bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
      await bench.reach('the first is applied', isApplied, world.space);
      await bench.stop();
      const second = start({ state, bundles });
      second.run(
        { ...own, objects: [configMap('a', { one: '2' }), configMap('bad', { number: 5 })] },
        { generation: 2 },
      );
      await second.reach('the second has failed', ({ message }) => message.includes('is kept meanwhile'), world.space);
      await world.ground.edit(refTo('ConfigMap', world.space, 'a'), 'kubectl-edit', (object) =>
        Object.assign(object.data as object, { one: 'by hand' }),
      );
      await until(async () => (await data('a'))?.one === '1', { what: 'the old value is put back' });
      expect(second.status(world.space)?.phase).toBe('failed');
    });

    it('[A1, L4] is not waited for: what ran before a restart is enforced while it is on its way', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bundles = new Map();
      const bench = start({ state, bundles });
      bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
      await bench.reach('the first is applied', isApplied, world.space);
      await bench.stop();
      const second = start({ state, bundles });
      second.run({ ...own, objects: [configMap('a', { one: '2' })] }, { bundle: 'sha256:away', generation: 2 });
      await world.ground.remove(refTo('ConfigMap', world.space, 'a'));
      await until(async () => (await data('a'))?.one === '1', { what: 'what ran comes back' });
      await second.reach('the newer cannot be had', ({ message }) => message.includes('cannot be had'), world.space);
    });

    it('[A1] is refused too where its cluster may not have it, and the last good one stays in force', async () => {
      const own = await fresh();
      const bench = start();
      const allow = { kinds: ['v1/ConfigMap'], namespaces: [world.space] };
      bench.run({ ...own, objects: maps('a') }, { allow });
      await bench.reach('the first is applied', isApplied, world.space);
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
      bench.run({ ...own, objects: [...maps('a'), secret, configMap('b', {}, 'default')] }, { allow });
      const status = await bench.reach('the second is refused', ({ phase }) => phase === 'failed', world.space);
      expect(status.problems.map(({ object, code }) => [object.name, code])).toEqual([
        ['s', 'refused'],
        ['b', 'refused'],
      ]);
      expect(status.message).toContain('this cluster may not have v1/Secret');
      await world.ground.remove(refTo('ConfigMap', world.space, 'a'));
      await until(async () => (await read('ConfigMap', 'a')) !== null, { what: 'a comes back' });
    });

    it('[H2] is degraded where nothing ran before it', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('good', {}), configMap('bad', { number: 5 })] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', world.space);
      expect(status).toMatchObject({ health: 'degraded', counts: { objects: 2, degraded: 2, progressing: 0 } });
      await fresh();
      bench.run({
        application: world.space,
        objects: [{ apiVersion: 'example.com/v1', kind: 'Ghost', metadata: { name: 'g' } }],
      });
      await bench.reach('a bundle without a place is degraded', ({ health }) => health === 'degraded', world.space);
    });
  });
}
