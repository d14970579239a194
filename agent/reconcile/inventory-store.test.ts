import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { emptyInventory } from '../../core/apply/inventory.ts';
import type { KubeObject, ManagedFields } from '../../core/objects/object.ts';
import type { Kube, Resource } from '../kube/port.ts';
import { type State, StateCorrupt } from '../state/port.ts';
import { createInventoryStore } from './inventory-store.ts';

const log = pino({ level: 'silent' });
const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const ingresses: Resource = { ...configMaps, group: 'networking.k8s.io', kind: 'Ingress', plural: 'ingresses' };
const oldIngresses: Resource = { ...ingresses, group: 'extensions' };

const object = (name: string, application: string, managers: ManagedFields[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', labels: { 'fairway.dev/application': application }, managedFields: managers },
});
const ours = (apiVersion: string): ManagedFields => ({
  manager: 'fairway',
  operation: 'Apply',
  apiVersion,
  fieldsV1: {},
});
const theirs: ManagedFields = {
  manager: 'kube-controller-manager',
  operation: 'Update',
  apiVersion: 'v1',
  fieldsV1: {},
};

/** A cluster of which only lists are asked. */
function clusterOf(objects: ReadonlyMap<Resource, readonly KubeObject[]>) {
  let lists = 0;
  const kube = {
    resources: async () => [...objects.keys()],
    list: async (resource: Resource, { labelSelector = '' }: { labelSelector?: string }) => {
      lists += 1;
      const [, application] = labelSelector.split('=');
      const items = (objects.get(resource) ?? []).filter(
        ({ metadata }) => application === undefined || metadata.labels?.['fairway.dev/application'] === application,
      );
      return { items, resourceVersion: '1' };
    },
  } as unknown as Kube;
  return { kube, lists: () => lists };
}

function stateOf(records = new Map<string, Uint8Array>()): State & { records: Map<string, Uint8Array> } {
  return {
    records,
    read: async (name) => {
      const content = records.get(name);
      if (content?.length === 0) throw new StateCorrupt(name, 'cut short');
      return content ?? null;
    },
    write: async (name, content) => void records.set(name, content),
    remove: async (name) => void records.delete(name),
    list: async (prefix) => [...records.keys()].filter((name) => name.startsWith(prefix)),
  };
}

const a = { group: '', kind: 'ConfigMap', namespace: 'shop', name: 'a' };

describe('the store of inventories', () => {
  it('[A5] gives back what was saved, to the next process too, and asks the cluster nothing', async () => {
    const state = stateOf();
    const cluster = clusterOf(new Map());
    const inventory = { ...emptyInventory('shop'), refs: [a] };
    await createInventoryStore(state, cluster.kube, log).save(inventory);
    const before = cluster.lists();
    expect(await createInventoryStore(state, cluster.kube, log).load('shop')).toEqual(inventory);
    expect(cluster.lists()).toBe(before);
  });

  it('[A5] asks the cluster nothing for an application that never had one', async () => {
    const state = stateOf();
    const cluster = clusterOf(new Map([[configMaps, []]]));
    const store = createInventoryStore(state, cluster.kube, log);
    await store.load('first');
    const before = cluster.lists();
    expect(await store.load('second')).toEqual(emptyInventory('second'));
    expect(cluster.lists()).toBe(before);
  });

  it.each(['corrupt', 'gone', 'everything gone'])(
    '[A5] rebuilds one that is %s from what Fairway has applied',
    async (how) => {
      const state = stateOf();
      const found = new Map([
        [
          configMaps,
          [object('a', 'shop', [ours('v1')]), object('copied', 'shop', [theirs]), object('b', 'other', [ours('v1')])],
        ],
      ]);
      const { kube } = clusterOf(found);
      await createInventoryStore(state, kube, log).save(emptyInventory('shop'));
      if (how === 'corrupt') state.records.set('inventory/shop', new Uint8Array());
      if (how === 'gone') state.records.delete('inventory/shop');
      if (how === 'everything gone') state.records.clear();
      const inventory = await createInventoryStore(state, kube, log).load('shop');
      expect(inventory).toMatchObject({ refs: [a], settled: false, running: null });
    },
  );

  it('[A5] lists an object that two groups serve once, by the group through which it was applied', async () => {
    const web = { ...object('web', 'shop', [ours('networking.k8s.io/v1')]), kind: 'Ingress' };
    const { kube } = clusterOf(
      new Map([
        [ingresses, [web]],
        [oldIngresses, [web]],
      ]),
    );
    const inventory = await createInventoryStore(stateOf(), kube, log).load('shop');
    expect(inventory.refs).toEqual([{ group: 'networking.k8s.io', kind: 'Ingress', namespace: 'shop', name: 'web' }]);
  });

  it('[A5] knows every application after many were saved at once', async () => {
    const state = stateOf();
    const { kube } = clusterOf(new Map());
    const store = createInventoryStore(state, kube, log);
    const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
    await Promise.all(names.map((name) => store.save(emptyInventory(name))));
    expect(JSON.parse(new TextDecoder().decode(state.records.get('inventories')))).toEqual([...names].sort());
  });
});
