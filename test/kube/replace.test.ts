import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Kube } from '../../agent/kube/port.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import {
  type Bench,
  configMap,
  deployment,
  type Ground,
  isApplied,
  job,
  namespaceObject,
  refTo,
  startBench,
} from '../contract/engine-harness.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { openGround } from './ground.ts';
import { describeKube } from './harness/describe.ts';

/** What the API server itself says is immutable, and nothing else, is deleted and created anew where it may be. */
describeKube('replacing on a real API server', () => {
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
    space = `replace-${count}`;
    await ground.put(namespaceObject(space), 'kubectl');
    return { namespace: space, application: space };
  };
  const read = async ({ kind, apiVersion, metadata: { name, namespace } }: KubeObject) => {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const resource = await ground.kube.resourceOf(group ?? '', kind, version);
    if (resource === null) throw new Error(`${kind} is not served`);
    return ground.kube.get(resource, { namespace: resource.namespaced ? (namespace ?? space) : '', name });
  };
  const uidOf = async (object: KubeObject) => (await read(object))?.metadata.uid;
  const allowed = (object: KubeObject): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, 'fairway.dev/replace': 'allowed' } },
  });
  const second = (status: { phase: string; generation: number }) =>
    status.phase === 'applied' && status.generation === 2;

  beforeAll(async () => {
    ({ ground, close } = await openGround('replace'));
  });
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });
  afterAll(() => close());

  const set = (object: KubeObject, change: (copy: KubeObject) => void): KubeObject => {
    const copy = structuredClone(object);
    change(copy);
    return copy;
  };
  // biome-ignore lint/suspicious/noExplicitAny: manifests are what people write
  const kinds: readonly (readonly [string, (name: string) => KubeObject, (copy: any) => void])[] = [
    [
      'the template of a Job',
      (name) => job(name, space, {}),
      (copy) => {
        copy.spec.template.spec.containers[0].image = 'example/migrate:2';
      },
    ],
    [
      'the selector of a Deployment',
      (name) => deployment(name, space),
      (copy) => {
        copy.spec.selector.matchLabels = { app: 'other' };
        copy.spec.template.metadata.labels = { app: 'other' };
      },
    ],
    [
      'the service name of a StatefulSet',
      (name) => statefulSet(name),
      (copy) => {
        copy.spec.serviceName = 'other';
      },
    ],
    [
      'the address of a Service',
      (name) => service(name),
      (copy) => {
        copy.spec.clusterIP = 'None';
      },
    ],
    [
      'an immutable ConfigMap',
      (name) => ({ ...configMap(name, { a: '1' }), immutable: true }),
      (copy) => {
        copy.data.a = '2';
      },
    ],
    [
      'an immutable Secret',
      (name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, immutable: true, data: { a: 'MQ==' } }),
      (copy) => {
        copy.data.a = 'Mg==';
      },
    ],
    [
      'the type of a Secret',
      (name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'example.com/a' }),
      (copy) => {
        copy.type = 'example.com/b';
      },
    ],
    [
      'the role of a RoleBinding',
      (name) => roleBinding(name),
      (copy) => {
        copy.roleRef.name = 'other';
      },
    ],
    [
      'the value of a PriorityClass',
      (name) => ({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name: `${space}-${name}` },
        value: 1,
      }),
      (copy) => {
        copy.value = 2;
      },
    ],
    [
      'the parameters of a StorageClass',
      (name) => ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: `${space}-${name}` },
        provisioner: 'example.com/x',
        parameters: { a: '1' },
      }),
      (copy) => {
        copy.parameters.a = '2';
      },
    ],
  ];

  it.each(kinds)('[A8] replaces %s where it may, and else says how', async (_, make, change) => {
    const own = await fresh();
    const bench = start();
    const before = make('x');
    const after = set(before, change);
    bench.run({ ...own, objects: [before, configMap('other', {})] });
    await bench.reach('the first is applied', isApplied, space);
    const uid = await uidOf(before);
    bench.run({ ...own, objects: [after, configMap('other', { new: 'yes' })] });
    const status = await bench.reach('it is refused', ({ phase }) => phase === 'failed', space);
    expect(status.problems[0]).toMatchObject({ code: 'immutable', object: { kind: before.kind } });
    expect(status.problems[0]?.message).toContain('say so with the annotation fairway.dev/replace: allowed');
    expect(await uidOf(before)).toBe(uid);

    const shown = await bench.dryRun({ ...own, objects: [allowed(after), configMap('other', {})] });
    expect(shown.actions[0]).toMatchObject({ action: 'replace', reason: expect.stringContaining('immutable') });
    bench.run({ ...own, objects: [allowed(after), configMap('other', {})] });
    await bench.reach('it is applied', (now) => isApplied(now) && now.generation === 3, space);
    expect(await uidOf(before)).not.toBe(uid);
    const live = (await read(before)) as KubeObject;
    const expected = structuredClone(live);
    change(expected);
    expect(live).toEqual(expected);
  });

  it('[A7, A8] never replaces a claim, whatever its annotation says', async () => {
    const own = await fresh();
    const bench = start();
    const claim = (mode: string): KubeObject =>
      allowed({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'disk' },
        spec: { accessModes: [mode], resources: { requests: { storage: '1Gi' } } },
      });
    bench.run({ ...own, objects: [claim('ReadWriteOnce')] });
    await bench.reach('it is applied', isApplied, space);
    const uid = await uidOf(claim(''));
    bench.run({ ...own, objects: [claim('ReadWriteMany')] });
    await bench.reach('it is refused', ({ phase }) => phase === 'failed', space);
    expect(await uidOf(claim(''))).toBe(uid);
    expect(bench.log.some((line) => line.startsWith('delete'))).toBe(false);
  });

  it('[A7, A8] never replaces what is marked to stay', async () => {
    const own = await fresh();
    const bench = start();
    const marked = (value: string) =>
      set(allowed({ ...configMap('x', { value }), immutable: true }), (copy) =>
        Object.assign(copy.metadata.annotations as object, { 'fairway.dev/prune': 'never' }),
      );
    bench.run({ ...own, objects: [marked('1')] });
    await bench.reach('it is applied', isApplied, space);
    bench.run({ ...own, objects: [marked('2')] });
    const status = await bench.reach('it is refused', ({ phase }) => phase === 'failed', space);
    expect(status.problems[0]).toMatchObject({ code: 'immutable' });
    expect(status.problems[0]?.message).toContain('never deleted and created anew, for it is marked');
  });

  it('[A8] replaces nothing that would be refused for another reason too', async () => {
    const own = await fresh();
    const bench = start();
    const make = (image: string, more: object = {}) =>
      allowed(
        set(job('x', space, {}), (copy) => {
          // biome-ignore lint/suspicious/noExplicitAny: a manifest
          const spec = (copy.spec as any).template.spec;
          spec.containers[0].image = image;
          Object.assign(spec, more);
        }),
      );
    bench.run({ ...own, objects: [make('example/a:1')] });
    await bench.reach('it is applied', isApplied, space);
    const uid = await uidOf(make(''));
    bench.run({ ...own, objects: [make('example/a:2', { restartPolicy: 'Always' })] });
    const status = await bench.reach('it is refused', ({ phase }) => phase === 'failed', space);
    expect(status.problems[0]?.code).toBe('invalid');
    expect(await uidOf(make(''))).toBe(uid);
  });

  it('[A5, A8] loses nothing when it dies between deleting and creating', async () => {
    const own = await fresh();
    const state = createMemoryState();
    const [before, after] = ['1', '2'].map((value) => allowed({ ...configMap('x', { value }), immutable: true }));
    const first = start({ state });
    first.run({ ...own, objects: [before as KubeObject, configMap('y', {})] });
    await first.reach('it is applied', isApplied, space);
    await first.stop();
    const dies: Kube = {
      ...ground.kube,
      delete: async (...call) => {
        await ground.kube.delete(...call);
        return new Promise(() => undefined);
      },
    };
    const dying = start({ state, kube: dies });
    dying.run({ ...own, objects: [after as KubeObject, configMap('y', {})] });
    await until(async () => (await read(before as KubeObject)) === null, { what: 'it is deleted' });
    benches.splice(benches.indexOf(dying), 1);
    void dying.engine.stop();
    const third = start({ state: createMemoryState(await copyOf(state)) });
    third.run({ ...own, objects: [after as KubeObject, configMap('y', {})] });
    await third.reach('it is applied', isApplied, space);
    expect((await read(after as KubeObject))?.data).toEqual({ value: '2' });
    third.run({ ...own, objects: [configMap('y', {})] });
    await until(async () => (await read(after as KubeObject)) === null, { what: 'what came anew is tracked' });
  });

  it('[A8] waits for an object that takes its time to go, and creates it then', async () => {
    const own = await fresh();
    const bench = start();
    const [before, after] = ['1', '2'].map((value) => allowed({ ...configMap('x', { value }), immutable: true }));
    bench.run({ ...own, objects: [before as KubeObject] });
    await bench.reach('it is applied', isApplied, space);
    const ref = refTo('ConfigMap', space, 'x');
    await ground.edit(ref, 'some-controller', ({ metadata }) =>
      Object.assign(metadata, { finalizers: ['example.com/x'] }),
    );
    bench.run({ ...own, objects: [after as KubeObject] });
    const status = await bench.reach(
      'it waits',
      ({ wait }) => wait?.reason.includes('is being deleted') ?? false,
      space,
    );
    expect(status.phase).toBe('applying');
    await ground.edit(ref, 'some-controller', ({ metadata }) => delete metadata.finalizers);
    await bench.reach('it is applied', second, space);
    expect((await read(after as KubeObject))?.data).toEqual({ value: '2' });
  });
});

async function copyOf(state: ReturnType<typeof createMemoryState>) {
  const names = await state.list('');
  return new Map(
    await Promise.all(names.map(async (name) => [name, (await state.read(name)) ?? new Uint8Array()] as const)),
  );
}

function statefulSet(name: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName: 'web',
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example/app:1' }] },
      },
    },
  };
}

function service(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } };
}

function roleBinding(name: string): KubeObject {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name }, roleRef };
}
