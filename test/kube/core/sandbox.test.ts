import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createKube } from '../../../agent/kube/client.ts';
import { kubeconfigCredentials } from '../../../agent/kube/kubeconfig.ts';
import type { Kube, WatchEvent } from '../../../agent/kube/port.ts';
import type { KubeObject } from '../../../core/objects/object.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { createStore, type Store, type StoreOptions } from '../../../sandbox/store.ts';
import { sandboxKube } from '../../memory/sandbox-kube.ts';
import { configMap, deployment } from './objects.ts';

/** What only the sandbox does: it plays controllers, keeps its state, and works without HTTP. */
const folder = mkdtempSync(join(tmpdir(), 'fairway-sandbox-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A store in a time of its own. */
function storeInTime(options: StoreOptions = {}) {
  let now = Date.parse('2030-01-01T00:00:00Z');
  const waiting = new Set<{ at: number; run: () => void }>();
  const store = createStore({
    readyAfter: 10_000,
    now: () => now,
    schedule: (milliseconds, run) => {
      const entry = { at: now + milliseconds, run };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    ...options,
  });
  /** Lets time pass, and runs what falls due in it. */
  const pass = (milliseconds: number) => {
    const end = now + milliseconds;
    for (;;) {
      const next = [...waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      waiting.delete(next);
      now = Math.max(now, next.at);
      next.run();
    }
    now = end;
  };
  return { store, pass, waiting };
}

function apply(store: Store, object: KubeObject, version = 'v1'): KubeObject {
  const group = object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '';
  const kind = store.kinds().find((candidate) => candidate.group === group && candidate.kind === object.kind);
  if (kind === undefined) throw new Error(`${object.kind} is not served`);
  const { namespace = '', name } = object.metadata;
  return store.apply({ kind, version, namespace, name }, object, { fieldManager: 'test', force: true }).object;
}

function read(store: Store, group: string, version: string, plural: string, name: string): KubeObject {
  const kind = store.kindOf(group, version, plural);
  const found = kind === null ? null : store.get({ kind, version, namespace: kind.namespaced ? 'default' : '', name });
  if (found === null) throw new Error(`there is no ${plural} ${name}`);
  return found;
}

const machineSet = (replicas: number, annotations: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'cluster.x-k8s.io/v1beta1',
  kind: 'MachineSet',
  metadata: { name: 'workers', namespace: 'default', annotations },
  spec: { clusterName: 'c', replicas, selector: { matchLabels: { a: 'b' } }, template: { spec: { clusterName: 'c' } } },
});

describe('the controllers that the sandbox plays', () => {
  it('make a Deployment ready after its time, and roll a change out beside what is there', () => {
    const { store, pass, waiting } = storeInTime();
    const status = () => read(store, 'apps', 'v1', 'deployments', 'web').status as Record<string, unknown>;
    apply(store, deployment('default', 'web', { replicas: 3 }));
    pass(0);
    expect(status()).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, unavailableReplicas: 3 });
    pass(10_000);
    expect(status()).toMatchObject({ readyReplicas: 3, availableReplicas: 3 });
    expect(waiting.size).toBe(0);
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'example/app:2' }] },
    };
    apply(store, deployment('default', 'web', { replicas: 3, template }));
    pass(0);
    expect(status()).toMatchObject({ observedGeneration: 2, updatedReplicas: 1, availableReplicas: 3, replicas: 4 });
    pass(10_000);
    expect(status()).toMatchObject({ updatedReplicas: 3, availableReplicas: 3, replicas: 3 });
    apply(store, deployment('default', 'web', { replicas: 5, template }));
    pass(0);
    expect(status()).toMatchObject({ replicas: 5, availableReplicas: 3, unavailableReplicas: 2 });
    pass(10_000);
    expect(status()).toMatchObject({ availableReplicas: 5 });
  });

  it('keep what is marked to fail from becoming ready, until its deadline is over', () => {
    const { store, pass } = storeInTime();
    const conditions = () => {
      const { status } = read(store, 'apps', 'v1', 'deployments', 'web');
      return (status as { conditions: { type: string; status: string; reason: string }[] }).conditions.map(
        ({ type, status: state, reason }) => `${type} ${state} ${reason}`,
      );
    };
    const object = deployment('default', 'web', { replicas: 2, progressDeadlineSeconds: 60 });
    apply(store, { ...object, metadata: { ...object.metadata, annotations: { 'fairway.dev/sandbox-fail': 'true' } } });
    pass(30_000);
    expect(conditions()).toEqual(['Available False MinimumReplicasUnavailable', 'Progressing True ReplicaSetUpdated']);
    pass(60_000);
    expect(conditions()).toEqual([
      'Available False MinimumReplicasUnavailable',
      'Progressing False ProgressDeadlineExceeded',
    ]);
    apply(store, object);
    pass(10_000);
    expect(conditions()).toEqual([
      'Available True MinimumReplicasAvailable',
      'Progressing True NewReplicaSetAvailable',
    ]);
  });

  it('run StatefulSets, DaemonSets, Jobs and sets of machines', () => {
    const { store, pass } = storeInTime();
    const { spec } = deployment('default', 'web');
    const status = (plural: string, name: string, group = 'apps', version = 'v1') =>
      read(store, group, version, plural, name).status;
    apply(store, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'default' },
      spec: { ...(spec as object), replicas: 2, serviceName: 'db' },
    });
    apply(store, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'log', namespace: 'default' }, spec });
    const pod = { containers: [{ name: 'main', image: 'a:1' }], restartPolicy: 'Never' };
    apply(store, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'once', namespace: 'default' },
      spec: { template: { spec: pod } },
    });
    apply(store, machineSet(2), 'v1beta1');
    pass(0);
    expect(status('jobs', 'once', 'batch')).toMatchObject({ active: 1 });
    expect(status('machinesets', 'workers', 'cluster.x-k8s.io', 'v1beta1')).toMatchObject({
      replicas: 2,
      readyReplicas: 0,
    });
    pass(11_000);
    expect(status('statefulsets', 'db')).toMatchObject({ readyReplicas: 2, updatedReplicas: 2 });
    expect(status('daemonsets', 'log')).toMatchObject({ numberReady: 1, desiredNumberScheduled: 1 });
    expect(status('jobs', 'once', 'batch')).toMatchObject({ succeeded: 1, completionTime: expect.any(String) });
    expect(status('machinesets', 'workers', 'cluster.x-k8s.io', 'v1beta1')).toMatchObject({ readyReplicas: 2 });
    apply(store, machineSet(3, { 'fairway.dev/sandbox-fail': '' }), 'v1beta1');
    pass(60_000);
    expect(status('machinesets', 'workers', 'cluster.x-k8s.io', 'v1beta1')).toMatchObject({
      replicas: 3,
      readyReplicas: 0,
    });
  });
});

describe('custom resources in the sandbox', () => {
  it('are held to their schema, filled in by it, and owned field by field', () => {
    const { store, pass } = storeInTime();
    const openAPIV3Schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          required: ['size'],
          properties: {
            size: { type: 'integer', minimum: 1 },
            mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
            parts: {
              type: 'array',
              'x-kubernetes-list-type': 'map',
              'x-kubernetes-list-map-keys': ['name'],
              items: { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } },
            },
          },
        },
      },
    };
    apply(store, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    });
    expect(store.kindOf('example.com', 'v1', 'widgets')).toBeNull();
    pass(0);
    const widget = (spec: object) => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'default' },
      spec,
    });
    expect(apply(store, widget({ size: 1, parts: [{ name: 'x', value: '1' }] }))).toMatchObject({
      spec: { size: 1, mode: 'a' },
      metadata: { generation: 1 },
    });
    const kind = store.kindOf('example.com', 'v1', 'widgets');
    if (kind === null) throw new Error('widgets are not served');
    const target = { kind, version: 'v1', namespace: 'default', name: 'w' };
    const both = store.apply(target, widget({ parts: [{ name: 'y', value: '2' }] }), { fieldManager: 'other' }).object;
    expect((both.spec as { parts: { name: string }[] }).parts.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(() => apply(store, widget({ size: 0 }))).toThrow('spec.size in body should be greater than or equal to 1');
    expect(() => apply(store, widget({ size: 'big' }))).toThrow();
    expect(() => apply(store, widget({ size: 1, mode: 'c' }))).toThrow('Unsupported value: "c"');
    expect(() => apply(store, widget({ size: 1, other: 1 }))).toThrow('.spec.other: field not declared in schema');
  });

  it('go with their definition', () => {
    const { store, pass } = storeInTime();
    apply(store, machineSet(1), 'v1beta1');
    pass(0);
    const kind = store.kindOf('apiextensions.k8s.io', 'v1', 'customresourcedefinitions');
    if (kind === null) throw new Error('CRDs are not served');
    store.delete({ kind, version: 'v1', namespace: '', name: 'machinesets.cluster.x-k8s.io' });
    pass(0);
    expect(store.kindOf('cluster.x-k8s.io', 'v1beta1', 'machinesets')).toBeNull();
    expect(store.snapshot().objects.filter(({ kind: name }) => name === 'cluster.x-k8s.io/machinesets')).toEqual([]);
  });
});

describe('a sandbox on disk', () => {
  it('comes back as it was: the same address, keys, objects and versions', async () => {
    const options = { name: 'kept', directory: join(folder, 'kept'), readyAfter: 50 };
    const first = await startSandbox(options);
    apply(first.store, configMap('default', 'a'));
    const before = read(first.store, '', 'v1', 'configmaps', 'a');
    await first.stop();
    const second = await startSandbox(options);
    expect([second.url, second.kubeconfig]).toEqual([first.url, first.kubeconfig]);
    expect(read(second.store, '', 'v1', 'configmaps', 'a')).toEqual(before);
    expect(second.store.version()).toBe(first.store.version());
    await second.stop();
  });

  it("is reached by the agent's client, by certificate and by token", async () => {
    const sandbox = await startSandbox({ name: 'both' });
    const path = join(folder, 'both');
    writeFileSync(path, sandbox.kubeconfig);
    for (const context of ['both', 'both-token']) {
      const kube = createKube(await kubeconfigCredentials(path, context));
      const kinds = (await kube.resources()).map(({ kind }) => kind);
      expect(kinds).toEqual(
        expect.arrayContaining(['ConfigMap', 'Deployment', 'MachineSet', 'CustomResourceDefinition']),
      );
      await kube.close();
    }
    writeFileSync(path, sandbox.kubeconfig.replace(/"token": "[^"]+"/, '"token": "wrong"'));
    const wrong = createKube(await kubeconfigCredentials(path, 'both-token'));
    await expect(wrong.resources()).rejects.toMatchObject({ status: 401 });
    await wrong.close();
    await sandbox.stop();
  });
});

describe('a store without HTTP', () => {
  it("speaks the agent's port", async () => {
    const { store } = storeInTime();
    const kube: Kube = sandboxKube(store);
    const maps = await kube.resourceOf('', 'ConfigMap');
    if (maps === null) throw new Error('ConfigMaps are not served');
    const { resourceVersion } = await kube.list(maps, {});
    const stop = new AbortController();
    const seen: WatchEvent[] = [];
    const watch = kube.watch(maps, { resourceVersion, signal: stop.signal }, (event) => seen.push(event));
    expect(await kube.apply(maps, configMap('default', 'a'), {})).toMatchObject({ created: true });
    expect(await kube.apply(maps, configMap('default', 'a'), { dryRun: true })).toMatchObject({ created: false });
    await expect(kube.apply(maps, configMap('nowhere', 'a'), {})).rejects.toMatchObject({ code: 'not-found' });
    await expect(kube.apply(maps, { ...configMap('default', 'a'), dta: {} }, {})).rejects.toMatchObject({
      code: 'invalid',
    });
    expect(await kube.delete(maps, { namespace: 'default', name: 'a' })).toBe(true);
    expect(await kube.delete(maps, { namespace: 'default', name: 'a' })).toBe(false);
    await vi.waitFor(() => expect(seen.map(({ type }) => type)).toEqual(['added', 'deleted']));
    stop.abort();
    await watch;
    const gone = kube.watch(maps, { resourceVersion: '1', signal: AbortSignal.timeout(1_000) }, () => undefined);
    await expect(gone).rejects.toMatchObject({ code: 'gone', status: 410 });
  });

  it('is small enough for a thousand of them, and idle when nothing is under way', () => {
    const timers = new Set<object>();
    const schedule = (_: number, run: () => void) => {
      const entry = { run };
      timers.add(entry);
      queueMicrotask(() => {
        if (timers.delete(entry)) run();
      });
      return () => timers.delete(entry);
    };
    const heap = () => process.memoryUsage().heapUsed;
    const before = heap();
    const stores = Array.from({ length: 1_000 }, () => createStore({ schedule }));
    for (const store of stores) apply(store, configMap('default', 'a'));
    const each = (heap() - before) / stores.length;
    expect(each).toBeLessThan(200_000);
  });
});
