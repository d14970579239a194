import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DryRun } from '../../agent/reconcile/dry-run.ts';
import { type KubeObject, ownerLabel } from '../../core/object.ts';
import type { Action } from '../../core/plan.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import {
  type Bench,
  bundleOf,
  configMap,
  deployment,
  type Ground,
  isApplied,
  job,
  namespaceObject,
  refTo,
  startBench,
} from './engine-harness.ts';

/** What is planned, shown, refused, held and kept, on any cluster. */
export function planSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
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
    space = `plan-${count}`;
    await ground.put(namespaceObject(space), 'kubectl');
    return { namespace: space, application: space };
  };
  const read = async (name: string, namespace = space) => {
    const resource = await ground.kube.resourceOf('', 'ConfigMap');
    if (resource === null) throw new Error('no ConfigMaps');
    return ground.kube.get(resource, { namespace, name });
  };
  const data = async (name: string) => (await read(name))?.data as Record<string, string> | undefined;
  const annotated = (object: KubeObject, annotations: Record<string, string>): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations },
  });
  const maps = (...names: string[]) => names.map((name) => configMap(name, { name }));

  beforeAll(async () => {
    ({ ground, close } = await open());
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => close());

  describe('a dry run', () => {
    const shown = ({ actions }: DryRun) => Object.fromEntries(actions.map((each) => [each.object.name, each.action]));

    it('[A1, A3] shows what applying then does, field by field, and changes nothing', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({
        ...own,
        objects: [...maps('same', 'changed', 'left', 'more', 'most'), configMap('theirs', { a: '1' })],
      });
      await bench.reach('the first is applied', isApplied, space);
      await ground.put(configMap('old', { a: 'theirs', b: 'extra' }, space), 'kubectl-create');
      await ground.edit(refTo('ConfigMap', space, 'theirs'), 'some-controller', (object) =>
        Object.assign(object.data as object, { a: '2' }),
      );
      await bench.reach('the conflict is seen', ({ problems }) => problems.length === 1, space);
      const next = {
        ...own,
        objects: [
          ...maps('same', 'new', 'more', 'most'),
          configMap('changed', { name: 'otherwise' }),
          configMap('old', { a: 'ours' }),
          configMap('theirs', { a: '1' }),
          job('migrate', space, { 'fairway.dev/hook': 'post' }),
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
      expect(await read('new')).toBeNull();
      expect(bench.status(space)?.phase).toBe('applied');

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
      const first = await bench.reach('the first is applied', isApplied, space);
      bench.run({ ...own, objects: [configMap('a', { one: '2' }), configMap('bad', { number: 5 })] });
      const failed = await bench.reach('the second has failed', ({ phase }) => phase === 'failed', space);
      expect(failed).toMatchObject({ generation: 2, running: first.running, counts: { objects: 2, healthy: 2 } });
      expect(failed.message).toContain(`${first.release} is kept meanwhile`);
      await ground.edit(refTo('ConfigMap', space, 'a'), 'kubectl-edit', (object) =>
        Object.assign(object.data as object, { one: 'by hand' }),
      );
      await until(async () => (await data('a'))?.one === '1', { what: 'the old value is put back' });
      await ground.remove(refTo('ConfigMap', space, 'gone'));
      await until(async () => (await read('gone')) !== null, { what: 'what the old bundle has comes back' });
      expect(bench.status(space)?.phase).toBe('failed');
      bench.run({ ...own, objects: [configMap('a', { one: '3' }), configMap('gone', {})] });
      await bench.reach('the third is applied', (now) => isApplied(now) && now.generation === 3, space);
      expect(await data('a')).toEqual({ one: '3' });
    });

    it('[A1, L4] leaves the last good one in force after a restart too', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bundles = new Map();
      const bench = start({ state, bundles });
      bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
      await bench.reach('the first is applied', isApplied, space);
      await bench.stop();
      const second = start({ state, bundles });
      second.run(
        { ...own, objects: [configMap('a', { one: '2' }), configMap('bad', { number: 5 })] },
        { generation: 2 },
      );
      await second.reach('the second has failed', ({ message }) => message.includes('is kept meanwhile'), space);
      await ground.edit(refTo('ConfigMap', space, 'a'), 'kubectl-edit', (object) =>
        Object.assign(object.data as object, { one: 'by hand' }),
      );
      await until(async () => (await data('a'))?.one === '1', { what: 'the old value is put back' });
      expect(second.status(space)?.phase).toBe('failed');
    });

    it('[A1, L4] is not waited for: what ran before a restart is enforced while it is on its way', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bundles = new Map();
      const bench = start({ state, bundles });
      bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
      await bench.reach('the first is applied', isApplied, space);
      await bench.stop();
      const second = start({ state, bundles });
      second.run({ ...own, objects: [configMap('a', { one: '2' })] }, { bundle: 'sha256:away', generation: 2 });
      await ground.remove(refTo('ConfigMap', space, 'a'));
      await until(async () => (await data('a'))?.one === '1', { what: 'what ran comes back' });
      await second.reach('the newer cannot be had', ({ message }) => message.includes('cannot be had'), space);
    });

    it('[A1] is refused too where its cluster may not have it, and the last good one stays in force', async () => {
      const own = await fresh();
      const bench = start();
      const allow = { kinds: ['v1/ConfigMap'], namespaces: [space] };
      bench.run({ ...own, objects: maps('a') }, { allow });
      await bench.reach('the first is applied', isApplied, space);
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
      bench.run({ ...own, objects: [...maps('a'), secret, configMap('b', {}, 'default')] }, { allow });
      const status = await bench.reach('the second is refused', ({ phase }) => phase === 'failed', space);
      expect(status.problems.map(({ object, code }) => [object.name, code])).toEqual([
        ['s', 'refused'],
        ['b', 'refused'],
      ]);
      expect(status.message).toContain('this cluster may not have v1/Secret');
      await ground.remove(refTo('ConfigMap', space, 'a'));
      await until(async () => (await read('a')) !== null, { what: 'a comes back' });
    });

    it('[H2] is degraded where nothing ran before it', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('good', {}), configMap('bad', { number: 5 })] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status).toMatchObject({ health: 'degraded', counts: { objects: 2, degraded: 2, progressing: 0 } });
      await fresh();
      bench.run({
        application: space,
        objects: [{ apiVersion: 'example.com/v1', kind: 'Ghost', metadata: { name: 'g' } }],
      });
      await bench.reach('a bundle without a place is degraded', ({ health }) => health === 'degraded', space);
    });
  });

  describe('what left the bundle', () => {
    it('[A6] goes once a person has approved that for the release, and the way to it is told', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: maps('a', 'b', 'c', 'd') });
      await bench.reach('it is applied', isApplied, space);
      const next = { ...own, objects: maps('a', 'x', 'y', 'z') };
      bench.run(next);
      const held = await bench.reach('the prune waits', ({ problems }) => problems.length === 3, space);
      expect(held).toMatchObject({ phase: 'applied', wait: { deadline: null } });
      expect(held.problems[0]?.message).toContain(`fairway approve prune CLUSTER ${space}`);
      bench.run(next, { pruneApproved: true });
      await until(() => bench.details('pruned').length === 1, { what: 'it is pruned' });
      expect(
        bench
          .details('pruned')[0]
          ?.objects.map(({ name }) => name)
          .sort(),
      ).toEqual(['b', 'c', 'd']);
      const status = await bench.reach('nothing waits any more', ({ problems }) => problems.length === 0, space);
      expect(status.wait).toBeNull();
      bench.run({ ...own, objects: maps('a') });
      const again = await bench.reach('the next release asks anew', ({ problems }) => problems.length === 3, space);
      expect(again.problems[0]?.code).toBe('prune-held');
    });

    it('[A6] is deleted the reverse way of writing it', async () => {
      const own = await fresh();
      const bench = start();
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } };
      bench.run({ ...own, objects: [...maps('a', 'b', 'c', 'd'), deployment('web', space), account] });
      await bench.reach('it is applied', isApplied, space);
      const before = bench.log.length;
      bench.run({ ...own, objects: maps('a', 'b', 'c') });
      await bench.reach('the second is applied', (now) => isApplied(now) && now.generation === 2, space);
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
      await bench.reach('it is applied', isApplied, space);
      bench.run({ ...own, objects: maps('a', 'b', 'c') });
      const status = await bench.reach('both are kept', ({ problems }) => problems.length === 2, space);
      expect(status.problems[0]).toMatchObject({ code: 'kept', object: { name: 'first' } });
      expect(status.problems[0]?.message).toMatch(
        /marked fairway.dev\/prune: never.*take the label fairway.dev\/application off/,
      );
      await ground.edit(refTo('ConfigMap', space, 'first'), 'kubectl-annotate', ({ metadata }) => {
        delete metadata.annotations;
      });
      await until(async () => (await read('first')) === null, { what: 'without its mark it goes' });
      await ground.edit(refTo('ConfigMap', space, 'second'), 'kubectl-label', ({ metadata }) => {
        delete metadata.labels?.[ownerLabel];
      });
      await bench.reach('without its label it is forgotten', ({ problems }) => problems.length === 0, space);
      expect(await read('second')).not.toBeNull();
    });

    it('[A10] is not deleted beyond the bounds that hold by then', async () => {
      const own = await fresh();
      const elsewhere = `${space}-elsewhere`;
      await ground.put(namespaceObject(elsewhere), 'kubectl');
      const bench = start();
      const tenant = { name: 't', namespaces: [`${space}*`], allow: ['v1/ConfigMap'], deny: [], serviceAccount: null };
      bench.run({ ...own, objects: [...maps('a', 'b'), configMap('far', {}, elsewhere)] }, { tenant });
      await bench.reach('it is applied', isApplied, space);
      bench.run({ ...own, objects: maps('a', 'b') }, { tenant: { ...tenant, namespaces: [space] } });
      const status = await bench.reach('the second is applied', (now) => isApplied(now) && now.generation === 2, space);
      expect(status.problems).toMatchObject([{ code: 'kept', object: { name: 'far' } }]);
      expect(status.problems[0]?.message).toContain(`tenant t may not use namespace ${elsewhere}`);
      expect(await read('far', elsewhere)).not.toBeNull();
    });
  });

  describe('ownership', () => {
    it('[A4] an object’s own annotation decides who wins its fields', async () => {
      const own = await fresh();
      const bench = start();
      for (const name of ['forced', 'yielded'])
        await ground.put(configMap(name, { a: 'theirs' }, space), 'some-controller');
      bench.run({
        ...own,
        objects: [
          annotated(configMap('forced', { a: 'ours' }), { 'fairway.dev/conflicts': 'force' }),
          configMap('yielded', { a: 'ours' }),
        ],
      });
      const status = await bench.reach('it is applied', isApplied, space);
      expect([await data('forced'), await data('yielded')]).toEqual([{ a: 'ours' }, { a: 'theirs' }]);
      expect(status.problems).toMatchObject([{ code: 'conflict', object: { name: 'yielded' } }]);
    });

    it('[A12] an object that lost its label is still its application’s, and refused to another', async () => {
      const own = await fresh();
      const bench = start();
      const first = bundleOf(space, maps('a'), own);
      bench.assign({ bundle: first });
      await bench.reach('it is applied', isApplied, space);
      await ground.edit(refTo('ConfigMap', space, 'a'), 'kubectl-label', ({ metadata }) => {
        delete metadata.labels?.[ownerLabel];
      });
      const label = async () => (await read('a'))?.metadata.labels?.[ownerLabel];
      await until(async () => (await label()) === space, { what: 'its label is put back' });
      bench.assign({ bundle: first }, { bundle: bundleOf(`${space}-other`, maps('a'), { namespace: space }) });
      const status = await bench.reach('the other is refused', ({ phase }) => phase === 'failed', `${space}-other`);
      expect(status.message).toContain(`owned by application ${space} and also in the bundle of ${space}-other`);
    });

    it('[A5, A12] a move that is declared survives a restart in the middle, and the old owner forgets it', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bench = start({ state });
      const moved = annotated(configMap('moved', {}), { 'fairway.dev/moved-from': space });
      bench.assign({ bundle: bundleOf(space, [configMap('moved', {}), configMap('staying', {})], own) });
      await bench.reach('it is applied', isApplied, space);
      await bench.stop();
      const second = start({ state });
      const heir = bundleOf(`${space}-heir`, [moved], { namespace: space });
      second.assign({ bundle: heir }, { bundle: bundleOf(space, [configMap('staying', {})], own) });
      await second.reach('the heir has it', isApplied, `${space}-heir`);
      await second.reach('the old owner stands', (now) => isApplied(now) && now.running?.bundle === now.bundle, space);
      expect(await read('moved')).not.toBeNull();
      expect(second.details('pruned')).toEqual([]);
    });
  });
}
