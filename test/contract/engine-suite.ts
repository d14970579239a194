import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fieldManager, type KubeObject, ownerLabel } from '../../core/objects/object.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import {
  type Bench,
  bundleOf,
  configMap,
  deployment,
  type Ground,
  isApplied,
  namespaceObject,
  refTo,
  startBench,
} from './engine-harness.ts';

/** What the engine owes on any cluster: run on a real API server, and on the cluster in memory that the simulation uses. */
export function engineSuite(
  open: () => Promise<{ ground: Ground; close: () => Promise<void> }>,
  options: { readonly customResources: boolean },
): void {
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
  const read = async (kind: string, name: string, group = '', namespace = space) => {
    const resource = await ground.kube.resourceOf(group, kind);
    return resource === null ? null : ground.kube.get(resource, { namespace, name });
  };
  const data = async (name: string) => (await read('ConfigMap', name))?.data as Record<string, string> | undefined;
  const owned = async () => {
    const resource = await ground.kube.resourceOf('', 'ConfigMap');
    if (resource === null) throw new Error('no ConfigMaps');
    return (await ground.kube.list(resource, { namespace: space, labelSelector: ownerLabel })).items;
  };

  beforeAll(async () => {
    ({ ground, close } = await open());
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => close());

  /** A namespace of the test's own; the application has its name. */
  const fresh = async () => {
    count += 1;
    space = `suite-${count}`;
    await ground.put(namespaceObject(space), 'kubectl');
    return { namespace: space, application: space };
  };

  describe('applying', () => {
    it('[A3] applies a bundle, and writes nothing when it is assigned again', async () => {
      const own = await fresh();
      const bench = start();
      const objects = [configMap('a', { one: '1' }), deployment('web', space)];
      bench.run({ ...own, objects });
      const status = await bench.reach('it is applied', isApplied, space);
      expect(status).toMatchObject({
        phase: 'applied',
        counts: { objects: 2, drifted: 0 },
        problems: expect.any(Array),
      });
      expect(status.running?.bundle).toBe(status.bundle);
      expect((await read('ConfigMap', 'a'))?.metadata.labels).toEqual({ [ownerLabel]: space });
      expect(bench.details('applied')).toMatchObject([{ created: 2, changed: 0, pruned: 0 }]);
      const before = bench.writes();
      bench.run({ ...own, objects }, { generation: 99 });
      await bench.reach('the new generation stands', (now) => now.generation === 99 && isApplied(now), space);
      expect(bench.writes()).toBe(before);
      expect(bench.details('drift')).toEqual([]);
    });

    it('[A3] writes only what a new bundle changes, and takes fields away that it no longer sets', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('a', { one: '1', two: '2' }), configMap('b', { x: 'y' })] });
      await bench.reach('it is applied', isApplied, space);
      const before = bench.writes();
      bench.run({ ...own, objects: [configMap('a', { one: '1' }), configMap('b', { x: 'y' })] });
      await bench.reach(
        'the second is applied',
        (status) => isApplied(status) && status.running?.bundle === status.bundle && status.generation === 2,
        space,
      );
      expect(await data('a')).toEqual({ one: '1' });
      expect(bench.writes() - before).toBe(1);
      expect(bench.details('applied').at(-1)).toMatchObject({ created: 0, changed: 1, unchanged: 1 });
    });

    it('[A1] writes nothing when one object is invalid, and names object and field', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('good', { a: 'b' }), configMap('bad', { number: 5 })] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status.problems[0]).toMatchObject({ object: { name: 'bad' }, code: 'invalid', field: '/data/number' });
      expect(status.message).toContain('bad');
      expect(status.wait).toMatchObject({ reason: 'another try' });
      expect(bench.details('failed')).toHaveLength(1);
      expect(bench.writes()).toBe(0);
      expect(await read('ConfigMap', 'good')).toBeNull();
    });

    it('[A1] applies a namespace and what is in it from one bundle', async () => {
      const own = await fresh();
      const bench = start();
      const inner = `${space}-inner`;
      bench.run({ ...own, objects: [configMap('a', { one: '1' }, inner), namespaceObject(inner)] });
      await bench.reach('it is applied', isApplied, space);
      expect(await read('ConfigMap', 'a', '', inner)).not.toBeNull();
      expect(bench.details('applied')).toMatchObject([{ created: 2 }]);
    });

    it('[A2] applies a definition, and is not done before it is established', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [definition(`plain${count}.example.com`)] });
      const status = await bench.reach('it is healthy', (now) => isApplied(now) && now.health === 'healthy', space);
      expect(status.message).toBe('All 1 objects stand and are healthy.');
    });

    const objectOfItsKind = async () => {
      const own = await fresh();
      const bench = start();
      const widget = {
        apiVersion: `suite${count}.example.com/v1`,
        kind: 'Widget',
        metadata: { name: 'w', namespace: space },
        spec: { size: 3 },
      };
      bench.run({ ...own, objects: [widget, definition(`suite${count}.example.com`)] });
      await bench.reach('it is applied', isApplied, space);
      expect((await read('Widget', 'w', `suite${count}.example.com`))?.spec).toEqual({ size: 3 });
    };
    if (options.customResources)
      it('[A2] applies a definition and an object of its kind from one bundle', objectOfItsKind);

    it('says which namespace is missing, and goes on when it appears', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('a', { one: '1' }, `${space}-late`)] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status.problems[0]).toMatchObject({ code: 'namespace-missing', object: { name: 'a' } });
      expect(status.message).toContain(`${space}-late`);
      await ground.put(namespaceObject(`${space}-late`), 'kubectl');
      await bench.reach('it is applied', isApplied, space);
    });

    it('says which kind is not served', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [{ apiVersion: 'nobody.example.com/v1', kind: 'Ghost', metadata: { name: 'g' } }] });
      const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
      expect(status.problems[0]).toMatchObject({ code: 'not-served', object: { kind: 'Ghost', name: 'g' } });
    });
  });

  describe('the inventory', () => {
    it('[A6] prunes what left the bundle, and nothing else', async () => {
      const own = await fresh();
      const bench = start();
      await ground.put(labelled(configMap('stranger', {}, space), space), 'kubectl');
      const [a, b, c] = ['a', 'b', 'c'].map((name) => configMap(name, { name }));
      bench.run({ ...own, objects: [a, b, c] as KubeObject[] });
      await bench.reach('it is applied', isApplied, space);
      bench.run({ ...own, objects: [a, b] as KubeObject[] });
      await until(async () => (await read('ConfigMap', 'c')) === null, { what: 'c is pruned' });
      await until(() => bench.details('pruned').length === 1, { what: 'the pruning is told' });
      expect(bench.details('pruned')[0]?.objects).toMatchObject([{ name: 'c' }]);
      expect((await owned()).map(({ metadata }) => metadata.name).sort()).toEqual(['a', 'b', 'stranger']);
    });

    it('[A6] holds a prune of more than half until a person says so, also after a restart', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const bench = start({ state });
      const objects = ['a', 'b', 'c', 'd'].map((name) => configMap(name, { name }));
      bench.run({ ...own, objects });
      await bench.reach('it is applied', isApplied, space);
      const next = {
        ...own,
        objects: [objects[0] as KubeObject, configMap('e', {}), configMap('f', {}), configMap('g', {})],
      };
      bench.run(next);
      const status = await bench.reach('the prune waits', ({ wait }) => wait !== null && wait.deadline === null, space);
      expect(status.problems.filter(({ code }) => code === 'prune-held')).toHaveLength(3);
      expect(await owned()).toHaveLength(7);
      await bench.stop();
      const second = start({ state });
      second.run(next);
      await second.reach(
        'the prune still waits',
        ({ problems }) => problems.some(({ code }) => code === 'prune-held'),
        space,
      );
      expect(await owned()).toHaveLength(7);
      expect(second.writes()).toBe(0);
    });

    it('[A6] deletes nothing when an application is no longer assigned', async () => {
      const own = await fresh();
      const bench = start();
      bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
      await bench.reach('it is applied', isApplied, space);
      bench.assign();
      expect(bench.status(space)).toBeUndefined();
      await ground.edit(refTo('ConfigMap', space, 'a'), 'kubectl-edit', (object) =>
        Object.assign(object.data as object, { one: '2' }),
      );
      expect(await data('a')).toEqual({ one: '2' });
    });

    it('[A7] keeps what is marked so, and says it', async () => {
      const own = await fresh();
      const bench = start();
      const kept = configMap('kept', {});
      kept.metadata.annotations = { 'fairway.dev/prune': 'never' };
      bench.run({ ...own, objects: [kept, configMap('a', {}), configMap('b', {})] });
      await bench.reach('it is applied', isApplied, space);
      bench.run({ ...own, objects: [configMap('a', {}), configMap('b', {})] });
      const status = await bench.reach('the second is applied', (now) => isApplied(now) && now.generation === 2, space);
      expect(status.problems).toMatchObject([{ code: 'kept', object: { name: 'kept' } }]);
      expect(await read('ConfigMap', 'kept')).not.toBeNull();
    });

    it('[A5] leaves nothing untracked when it dies in the middle of three hundred objects', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const objects = Array.from({ length: 300 }, (_, index) => configMap(`o-${index}`, { index: String(index) }));
      let left = 120;
      const dying = start({
        state,
        kube: {
          ...ground.kube,
          apply: (resource, object, apply) => {
            if (apply.dryRun === true) return ground.kube.apply(resource, object, apply);
            left -= 1;
            return left < 0 ? new Promise(() => undefined) : ground.kube.apply(resource, object, apply);
          },
        },
      });
      dying.run({ ...own, objects });
      await until(() => left < 0, { what: 'it is in the middle' });
      const disk = createMemoryState(new Map(await copyOf(state)));
      const second = start({ state: disk });
      second.run({ ...own, objects });
      await second.reach('all stand', (status) => isApplied(status) && status.counts.objects === 300, space);
      expect(await owned()).toHaveLength(300);
      expect(second.writes()).toBeLessThanOrEqual(200);
      second.run({ ...own, objects: objects.slice(0, 299) });
      await until(async () => (await owned()).length === 299, {
        what: 'what the first has written is pruned by the second',
      });
      benches.splice(benches.indexOf(dying), 1);
      void dying.engine.stop();
    });

    it('[A5] writes nothing after a restart with the same bundle', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const objects = [
        deployment('web', space),
        ...Array.from({ length: 20 }, (_, index) => configMap(`o-${index}`, { index: '1' })),
      ];
      const first = start({ state });
      first.run({ ...own, objects });
      await first.reach('it is applied', isApplied, space);
      await first.stop();
      const second = start({ state });
      second.run({ ...own, objects });
      await second.reach('it stands', isApplied, space);
      expect(second.writes()).toBe(0);
      expect(second.details('applied')).toEqual([]);
      // What was not read yet after the restart is not missing for that.
      expect(second.reports.map(({ health }) => health)).not.toContain('degraded');
    });

    it('[A5] rebuilds a corrupted inventory from the cluster, and prunes what left the bundle meanwhile', async () => {
      const own = await fresh();
      const state = createMemoryState();
      const objects = ['a', 'b', 'c'].map((name) => configMap(name, { name }));
      const first = start({ state });
      first.run({ ...own, objects });
      await first.reach('it is applied', isApplied, space);
      await first.stop();
      await ground.put(labelled(configMap('copy', {}, space), space), 'some-controller');
      await state.write(`inventory/${space}`, new TextEncoder().encode('{"version":1,"refs'));
      const second = start({ state });
      second.run({ ...own, objects: objects.slice(0, 2) });
      await until(async () => (await read('ConfigMap', 'c')) === null, { what: 'c is pruned' });
      await second.reach('it is applied', isApplied, space);
      expect((await owned()).map(({ metadata }) => metadata.name).sort()).toEqual(['a', 'b', 'copy']);
    });
  });

  describe('who owns what', () => {
    it('[A12] refuses an object of another application, naming both', async () => {
      const own = await fresh();
      const bench = start();
      const first = bundleOf(space, [configMap('shared', { by: 'one' })], own);
      const second = bundleOf(`${space}-other`, [configMap('shared', { by: 'two' }), configMap('more', {})], {
        namespace: space,
      });
      bench.assign({ bundle: first });
      await bench.reach('the first is applied', isApplied, space);
      bench.assign({ bundle: first }, { bundle: second });
      const status = await bench.reach('the second is refused', ({ phase }) => phase === 'failed', `${space}-other`);
      expect(status.problems).toMatchObject([{ code: 'refused', object: { name: 'shared' } }]);
      expect(status.message).toContain(`application ${space} `);
      expect(status.message).toContain(`${space}-other`);
      expect(await data('shared')).toEqual({ by: 'one' });
      expect(await read('ConfigMap', 'more')).toBeNull();
    });

    it('[A12] takes a declared move over, and the old owner deletes nothing', async () => {
      const own = await fresh();
      const bench = start();
      const staying = configMap('staying', {});
      const first = bundleOf(space, [configMap('moved', { a: 'b' }), staying], own);
      bench.assign({ bundle: first });
      await bench.reach('the first is applied', isApplied, space);
      const moved = configMap('moved', { a: 'b' });
      moved.metadata.annotations = { 'fairway.dev/moved-from': space };
      const second = bundleOf(`${space}-other`, [moved], { namespace: space });
      bench.assign({ bundle: bundleOf(space, [staying], own) }, { bundle: second });
      await bench.reach('the second is applied', isApplied, `${space}-other`);
      await bench.reach('the first is applied', (status) => isApplied(status) && status.generation === 2, space);
      expect((await read('ConfigMap', 'moved'))?.metadata.labels).toEqual({ [ownerLabel]: `${space}-other` });
    });

    it('[A4] takes fields over from kubectl, and what it put there before', async () => {
      const own = await fresh();
      await ground.put(configMap('old', { a: 'theirs', b: 'extra' }, space), 'kubectl-client-side-apply');
      const bench = start();
      bench.run({ ...own, objects: [configMap('old', { a: 'ours' })] });
      await bench.reach('it is applied', isApplied, space);
      expect(await data('old')).toEqual({ a: 'ours', b: 'extra' });
      expect(bench.details('applied')).toMatchObject([{ created: 0, changed: 1 }]);
    });

    it('[A4] yields a field to another controller, reports it, and applies the rest', async () => {
      const own = await fresh();
      await ground.put(configMap('old', { a: 'theirs' }, space), 'some-controller');
      const bench = start();
      bench.run({ ...own, objects: [configMap('old', { a: 'ours', b: 'ours' })] });
      const status = await bench.reach('it is applied', isApplied, space);
      expect(await data('old')).toEqual({ a: 'theirs', b: 'ours' });
      expect(status.problems).toMatchObject([{ code: 'conflict', field: '/data/a', object: { name: 'old' } }]);
      expect(status.problems[0]?.message).toContain('some-controller');
      const before = bench.writes();
      await ground.edit(refTo('ConfigMap', space, 'old'), 'some-controller', (object) =>
        Object.assign(object.data as object, { a: 'again' }),
      );
      await bench.reach('the conflict still stands', ({ problems }) => problems.length === 1, space);
      expect(await data('old')).toEqual({ a: 'again', b: 'ours' });
      expect(bench.writes()).toBe(before);
    });

    it('[A4] takes a field from another controller where the application says so', async () => {
      const own = await fresh();
      await ground.put(configMap('old', { a: 'theirs' }, space), 'some-controller');
      const bench = start();
      bench.run({ ...own, conflicts: 'force', objects: [configMap('old', { a: 'ours' })] });
      await bench.reach('it is applied', isApplied, space);
      expect(await data('old')).toEqual({ a: 'ours' });
    });

    it('[A10] refuses a bundle beyond its tenant whole, naming each object', async () => {
      const own = await fresh();
      const bench = start();
      const tenant = {
        name: 'storefront',
        namespaces: [space],
        allow: ['v1/ConfigMap'],
        deny: [],
        serviceAccount: null,
      };
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } };
      bench.run({ ...own, objects: [configMap('a', {}), secret, configMap('b', {}, 'kube-system')] }, { tenant });
      const status = await bench.reach('it is refused', ({ phase }) => phase === 'failed', space);
      expect(status.problems.map(({ object, code }) => [object.name, code])).toEqual([
        ['s', 'refused'],
        ['b', 'refused'],
      ]);
      expect(await read('ConfigMap', 'a')).toBeNull();
    });
  });

  it('[A9] an application that fails slows no other', async () => {
    await fresh();
    const bench = start({ limits: { concurrency: 1 } });
    const bad = Array.from({ length: 5 }, (_, index) => ({
      bundle: bundleOf(`${space}-bad-${index}`, [configMap('x', { number: 1 })], { namespace: space }),
    }));
    bench.assign(...bad, { bundle: bundleOf(space, [configMap('a', {})], { namespace: space }) });
    await bench.reach('the good one is applied', isApplied, space);
    const edited = refTo('ConfigMap', space, 'a');
    await ground.remove(edited);
    await until(async () => (await read('ConfigMap', 'a')) !== null, { what: 'it comes back' });
  });

  it('writes every object as its field manager', async () => {
    const own = await fresh();
    const bench = start();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
    await bench.reach('it is applied', isApplied, space);
    const managers = (await read('ConfigMap', 'a'))?.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers).toEqual([fieldManager]);
  });
}

async function copyOf(state: ReturnType<typeof createMemoryState>) {
  const names = await state.list('');
  return Promise.all(names.map(async (name) => [name, (await state.read(name)) ?? new Uint8Array()] as const));
}

function labelled(object: KubeObject, application: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { [ownerLabel]: application } } };
}

function definition(group: string): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
            },
          },
        },
      ],
    },
  };
}
