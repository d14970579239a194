import { describe, expect, it } from 'vitest';
import { type KubeObject, ownerLabel } from '../../core/objects/object.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { bundleOf, configMap, deployment, type Ground, isApplied, namespaceObject, refTo } from './engine-harness.ts';
import { suiteWorld } from './suite-world.ts';

/** What leaves a bundle, and whose an object is, on any cluster. */
export function ownershipSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  const world = suiteWorld(open, 'owned');
  const { start, fresh, read } = world;
  const data = async (name: string) => (await read('ConfigMap', name))?.data as Record<string, string> | undefined;
  const maps = (...names: string[]) => names.map((name) => configMap(name, { name }));

  const annotated = (object: KubeObject, annotations: Record<string, string>): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations },
  });

  describe('what left the bundle', () => {
    it('[A6] goes once a person has approved that for the release, and the way to it is told', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: maps('a', 'b', 'c', 'd') });
      await bench.reach('it is applied', isApplied, world.space);
      const next = { ...own, objects: maps('a', 'x', 'y', 'z') };
      bench.run(next);
      const held = await bench.reach('the prune waits', ({ problems }) => problems.length === 3, world.space);
      expect(held).toMatchObject({ phase: 'applied', wait: { deadline: null } });
      expect(held.problems[0]?.message).toContain(`fairway approve prune CLUSTER ${world.space}`);
      bench.run(next, { pruneApproved: true });
      await until(() => bench.details('pruned').length === 1, { what: 'it is pruned' });
      expect(
        bench
          .details('pruned')[0]
          ?.objects.map(({ name }) => name)
          .sort(),
      ).toEqual(['b', 'c', 'd']);
      const status = await bench.reach('nothing waits any more', ({ problems }) => problems.length === 0, world.space);
      expect(status.wait).toBeNull();
      bench.run({ ...own, objects: maps('a') });
      const again = await bench.reach(
        'the next release asks anew',
        ({ problems }) => problems.length === 3,
        world.space,
      );
      expect(again.problems[0]?.code).toBe('prune-held');
    });

    it('[A6] is told for as long as a finalizer holds it', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: maps('a', 'b', 'c') });
      await bench.reach('it is applied', isApplied, world.space);
      const ref = refTo('ConfigMap', world.space, 'c');
      await world.ground.edit(ref, 'some-controller', ({ metadata }) =>
        Object.assign(metadata, { finalizers: ['example.com/hold'] }),
      );
      bench.run({ ...own, objects: maps('a', 'b') });
      const status = await bench.reach('it is told', ({ problems }) => problems.length === 1, world.space);
      expect(status).toMatchObject({ phase: 'applied', problems: [{ code: 'leaving', object: { name: 'c' } }] });
      expect(status.problems[0]?.message).toContain('example.com/hold still holds it');
      await world.ground.edit(ref, 'some-controller', ({ metadata }) => delete metadata.finalizers);
      await bench.reach('it has gone', ({ problems }) => problems.length === 0, world.space);
      expect(await read('ConfigMap', 'c')).toBeNull();
    });

    it('[A6] is deleted the reverse way of writing it', async () => {
      const own = await fresh();
      const bench = start();
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } };
      bench.run({ ...own, objects: [...maps('a', 'b', 'c', 'd'), deployment('web', world.space), account] });
      await bench.reach('it is applied', isApplied, world.space);
      const before = bench.log.length;
      bench.run({ ...own, objects: maps('a', 'b', 'c') });
      await bench.reach('the second is applied', (now) => isApplied(now) && now.generation === 2, world.space);
      expect(bench.log.slice(before)).toEqual([
        'delete Deployment web',
        'delete ConfigMap d',
        'delete ServiceAccount runner',
      ]);
    });

    it('[A7] is kept where it is marked so, and let go without its mark or its label', async () => {
      const own = await fresh();
      const bench = start();
      const kept = ['first', 'second'].map((name) => annotated(configMap(name, {}), { 'fairway.dev/prune': 'never' }));
      bench.run({ ...own, objects: [...kept, ...maps('a', 'b', 'c')] });
      await bench.reach('it is applied', isApplied, world.space);
      bench.run({ ...own, objects: maps('a', 'b', 'c') });
      const status = await bench.reach('both are kept', ({ problems }) => problems.length === 2, world.space);
      expect(status.problems[0]).toMatchObject({ code: 'kept', object: { name: 'first' } });
      expect(status.problems[0]?.message).toMatch(
        /marked fairway.dev\/prune: never.*take the label fairway.dev\/application off/,
      );
      await world.ground.edit(refTo('ConfigMap', world.space, 'first'), 'kubectl-annotate', ({ metadata }) => {
        delete metadata.annotations;
      });
      await until(async () => (await read('ConfigMap', 'first')) === null, { what: 'without its mark it goes' });
      await world.ground.edit(refTo('ConfigMap', world.space, 'second'), 'kubectl-label', ({ metadata }) => {
        delete metadata.labels?.[ownerLabel];
      });
      await bench.reach('without its label it is forgotten', ({ problems }) => problems.length === 0, world.space);
      expect(await read('ConfigMap', 'second')).not.toBeNull();
    });

    it('[A10] is not deleted beyond the bounds that hold by then', async () => {
      const own = await fresh();
      const elsewhere = `${world.space}-elsewhere`;
      await world.ground.put(namespaceObject(elsewhere), 'kubectl');
      const bench = start();
      const tenant = {
        name: 't',
        namespaces: [`${world.space}*`],
        allow: ['v1/ConfigMap'],
        deny: [],
        serviceAccount: null,
      };
      bench.run({ ...own, objects: [...maps('a', 'b'), configMap('far', {}, elsewhere)] }, { tenant });
      await bench.reach('it is applied', isApplied, world.space);
      bench.run({ ...own, objects: maps('a', 'b') }, { tenant: { ...tenant, namespaces: [world.space] } });
      const status = await bench.reach(
        'the second is applied',
        (now) => isApplied(now) && now.generation === 2,
        world.space,
      );
      expect(status.problems).toMatchObject([{ code: 'kept', object: { name: 'far' } }]);
      expect(status.problems[0]?.message).toContain(`tenant t may not use namespace ${elsewhere}`);
      expect(await read('ConfigMap', 'far', '', elsewhere)).not.toBeNull();
    });
  });

  describe('ownership', () => {
    it('[A4] an object’s own annotation decides who wins its fields', async () => {
      const own = await fresh();
      const bench = start();
      for (const name of ['forced', 'yielded'])
        await world.ground.put(configMap(name, { a: 'theirs' }, world.space), 'some-controller');
      bench.run({
        ...own,
        objects: [
          annotated(configMap('forced', { a: 'ours' }), { 'fairway.dev/conflicts': 'force' }),
          configMap('yielded', { a: 'ours' }),
        ],
      });
      const status = await bench.reach('it is applied', isApplied, world.space);
      expect([await data('forced'), await data('yielded')]).toEqual([{ a: 'ours' }, { a: 'theirs' }]);
      expect(status.problems).toMatchObject([{ code: 'conflict', object: { name: 'yielded' } }]);
    });

    it('[A12] an object that lost its label is still its application’s, and refused to another', async () => {
      const own = await fresh();
      const bench = start();
      const first = bundleOf(world.space, maps('a'), own);
      bench.assign({ bundle: first });
      await bench.reach('it is applied', isApplied, world.space);
      await world.ground.edit(refTo('ConfigMap', world.space, 'a'), 'kubectl-label', ({ metadata }) => {
        delete metadata.labels?.[ownerLabel];
      });
      const label = async () => (await read('ConfigMap', 'a'))?.metadata.labels?.[ownerLabel];
      await until(async () => (await label()) === world.space, { what: 'its label is put back' });
      bench.assign(
        { bundle: first },
        { bundle: bundleOf(`${world.space}-other`, maps('a'), { namespace: world.space }) },
      );
      const status = await bench.reach(
        'the other is refused',
        ({ phase }) => phase === 'failed',
        `${world.space}-other`,
      );
      expect(status.message).toContain(
        `owned by application ${world.space} and also in the bundle of ${world.space}-other`,
      );
    });

    it('[A5, A12] a move that is declared survives a restart in the middle, and the old owner forgets it', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bench = start({ state });
      const moved = annotated(configMap('moved', {}), { 'fairway.dev/moved-from': world.space });
      bench.assign({ bundle: bundleOf(world.space, [configMap('moved', {}), configMap('staying', {})], own) });
      await bench.reach('it is applied', isApplied, world.space);
      await bench.stop();
      const second = start({ state });
      const heir = bundleOf(`${world.space}-heir`, [moved], { namespace: world.space });
      second.assign({ bundle: heir }, { bundle: bundleOf(world.space, [configMap('staying', {})], own) });
      await second.reach('the heir has it', isApplied, `${world.space}-heir`);
      await second.reach(
        'the old owner stands',
        (now) => isApplied(now) && now.running?.bundle === now.bundle,
        world.space,
      );
      expect(await read('ConfigMap', 'moved')).not.toBeNull();
      expect(second.details('pruned')).toEqual([]);
    });
  });
}
