import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, type ManagedFields, type ObjectRef, refKey } from '../objects/object.ts';
import { type Wanted, wantedObject } from './desired.ts';
import { emptyInventory, type Inventory } from './inventory.ts';
import { judge, type LiveRecord } from './live.ts';
import { entriesOf, type PlanInput, plan } from './plan.ts';
import { boundsOf } from './tenancy.ts';

const manifest = (name: string, data: Record<string, string> = { a: '1' }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const wantedOf = (name: string, application = 'shop') => wantedObject(manifest(name), application, true, 'shop', []);

const ours: ManagedFields = {
  manager: 'fairway',
  operation: 'Apply',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:fairway.dev/application': {} } }, 'f:data': { 'f:a': {} } },
};
const by = (manager: string): ManagedFields => ({
  manager,
  operation: 'Update',
  fieldsV1: { 'f:data': { 'f:a': {} } },
});

interface Standing {
  readonly owner?: string | null;
  readonly data?: Record<string, string>;
  readonly managers?: ManagedFields[];
  readonly uid?: string;
  readonly deleting?: boolean;
  readonly annotations?: Record<string, string>;
}

function record(
  wanted: Wanted,
  { owner = 'shop', data = { a: '1' }, managers = [ours], uid, deleting, annotations }: Standing = {},
): LiveRecord {
  const { name, namespace } = wanted.ref;
  const metadata: KubeObject['metadata'] = {
    name,
    namespace,
    uid: uid ?? `uid-${name}`,
    resourceVersion: '1',
    labels: owner === null ? {} : { 'fairway.dev/application': owner },
    managedFields: managers,
    ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return judge({ apiVersion: 'v1', kind: wanted.ref.kind, metadata, data }, wanted, 0);
}

function input(wanted: readonly Wanted[], live: readonly LiveRecord[], more: Partial<PlanInput> = {}): PlanInput {
  const records = new Map(live.map((item) => [refKey(item.ref), item]));
  return {
    application: 'shop',
    bundle: 'sha256:1',
    wanted,
    hooks: [],
    inventory: emptyInventory('shop'),
    live: (ref) => records.get(refKey(ref)),
    conflicts: 'yield',
    bounds: [],
    pruneApproved: false,
    heirOf: () => null,
    claimedBefore: () => null,
    holding: new Map(),
    ...more,
  };
}

const listing = (refs: readonly ObjectRef[], more: Partial<Inventory> = {}): Inventory => ({
  ...emptyInventory('shop'),
  refs,
  ...more,
});
const actions = (planned: PlanInput) => plan(planned).map(({ action }) => action);
const a = wantedOf('a');

describe('what is wanted', () => {
  it('[A3] is created, changed, or left alone', () => {
    expect(actions(input([a], []))).toEqual(['create']);
    expect(actions(input([a], [record(a, { data: { a: '2' } })]))).toEqual(['change']);
    expect(actions(input([a], [record(a)]))).toEqual(['unchanged']);
  });

  it('[A3] is changed where Fairway still owns what the bundle no longer sets', () => {
    const managers = [{ ...ours, fieldsV1: { ...ours.fieldsV1, 'f:data': { 'f:a': {}, 'f:b': {} } } }];
    const [entry] = plan(input([a], [record(a, { data: { a: '1', b: '2' }, managers })]));
    expect(entry).toMatchObject({ action: 'change', fields: [], reason: 'the bundle no longer sets /data/b' });
  });

  it('[A4] is taken over where Fairway has not applied it yet', () => {
    expect(actions(input([a], [record(a, { managers: [by('kubectl')] })]))).toEqual(['takeOver']);
  });

  it('[A4] is put back where a person changed it, and yielded to a controller as the application says', () => {
    const changed = (manager: string) => [record(a, { data: { a: '2' }, managers: [ours, by(manager)] })];
    expect(plan(input([a], changed('kubectl-edit')))).toMatchObject([
      { action: 'change', fields: [{ pointer: '/data/a' }], yielded: [] },
    ]);
    expect(plan(input([a], changed('autoscaler')))).toMatchObject([
      { action: 'conflict', yielded: [{ manager: 'autoscaler' }] },
    ]);
    expect(actions(input([a], changed('autoscaler'), { conflicts: 'force' }))).toEqual(['change']);
  });

  it('[A4] is yielded or forced as the object says, whatever its application does', () => {
    const own = (conflicts: string) => {
      const marked = { ...manifest('a'), metadata: { name: 'a', annotations: { 'fairway.dev/conflicts': conflicts } } };
      return wantedObject(marked, 'shop', true, 'shop', []);
    };
    const managed = (wanted: Wanted) => {
      const annotations = wanted.object.metadata.annotations ?? {};
      return [record(wanted, { data: { a: '2' }, managers: [ours, by('autoscaler')], annotations })];
    };
    expect(actions(input([own('force')], managed(own('force'))))).toEqual(['change']);
    expect(actions(input([own('yield')], managed(own('yield')), { conflicts: 'force' }))).toEqual(['conflict']);
  });

  it('[D2] is unchanged where the server is known to spell it so', () => {
    const live = record(a, { data: { a: '2' } });
    const [difference] = live.differences;
    const known = { wanted: a.digest, fields: [['/data/a', difference?.fingerprint ?? ''] as const] };
    expect(actions(input([a], [live], { inventory: listing([], { normalised: { [a.key]: known } }) }))).toEqual([
      'unchanged',
    ]);
    const other = record(a, { data: { a: '3' } });
    expect(actions(input([a], [other], { inventory: listing([], { normalised: { [a.key]: known } }) }))).toEqual([
      'change',
    ]);
  });

  it('waits for what is being deleted', () => {
    expect(actions(input([a], [record(a, { deleting: true })]))).toEqual(['wait']);
  });

  it('[A12] is refused whole where another application owns one object', () => {
    const foreign = record(a, { owner: 'other' });
    const entries = plan(input([a, wantedOf('b')], [foreign]));
    expect(entries).toMatchObject([{ action: 'refuse', ref: a.ref }]);
    expect(entries[0]?.reason).toMatch(/application other .* bundle of shop/);
  });

  it('[A12] is taken back where a person, not Fairway, has written another owner on it', () => {
    const label = {
      ...by('kubectl-label'),
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:fairway.dev/application': {} } } },
    };
    const stolen = record(a, { owner: 'other', managers: [{ ...ours, fieldsV1: { 'f:data': { 'f:a': {} } } }, label] });
    expect(plan(input([a], [stolen]))).toMatchObject([
      {
        action: 'takeOver',
        fields: [{ pointer: '/metadata/labels/fairway.dev~1application', manager: 'kubectl-label' }],
      },
    ]);
  });

  it('[A10] is refused whole where one object lies outside the tenant', () => {
    const tenant = { name: 't', namespaces: ['other'], allow: ['*'], deny: [], serviceAccount: null };
    const bounds = boundsOf({ tenant, allow: null });
    expect(actions(input([a, wantedOf('b')], [], { bounds }))).toEqual(['refuse', 'refuse']);
  });
});

describe('what left the bundle', () => {
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => wantedOf(name));
  const refs = names.map(({ ref }) => ref);
  const standing = names.map((wanted) => record(wanted));

  it('[A6] is pruned where the inventory lists it and its label confirms', () => {
    const entries = plan(input(names.slice(0, 3), standing, { inventory: listing(refs) }));
    expect(
      entriesOf(entries, 'prune')
        .map(({ ref }) => ref.name)
        .sort(),
    ).toEqual(['d', 'e']);
  });

  it('[A6] is never pruned where the inventory does not list it', () => {
    expect(
      entriesOf(plan(input(names.slice(0, 3), standing, { inventory: listing(refs.slice(0, 3)) })), 'prune'),
    ).toEqual([]);
  });

  it('[A6] is forgotten where its label names another, or it is gone', () => {
    const left = [...standing.slice(0, 3), record(wantedOf('d'), { owner: 'other' })];
    const entries = plan(input(names.slice(0, 3), left, { inventory: listing(refs) }));
    expect(
      entriesOf(entries, 'forget')
        .map(({ ref }) => ref.name)
        .sort(),
    ).toEqual(['d', 'e']);
    expect(entriesOf(entries, 'prune', 'hold')).toEqual([]);
  });

  it('[A6] waits for a person where it is more than half, or everything', () => {
    const held = (keep: number, listed: number) =>
      entriesOf(plan(input(names.slice(0, keep), standing, { inventory: listing(refs.slice(0, listed)) })), 'hold')
        .length;
    expect(held(2, 5)).toBe(3);
    expect(held(3, 5)).toBe(0);
    expect(held(2, 4)).toBe(0);
    expect(held(1, 2)).toBe(0);
    expect(held(0, 1)).toBe(1);
    expect(held(0, 5)).toBe(5);
  });

  it('[A6] stays held while other objects come, and is counted no more', () => {
    const inventory = listing(refs, { held: refs.slice(2).map(refKey) });
    const entries = plan(input([...names.slice(0, 1), wantedOf('x'), wantedOf('y')], standing, { inventory }));
    expect(
      entriesOf(entries, 'hold')
        .map(({ ref }) => ref.name)
        .sort(),
    ).toEqual(['c', 'd', 'e']);
    expect(entriesOf(entries, 'prune').map(({ ref }) => ref.name)).toEqual(['b']);
  });

  it('[A6] goes where a person has let this release delete it', () => {
    const inventory = listing(refs, { held: refs.slice(2).map(refKey) });
    const planned = input(names.slice(0, 1), standing, { inventory, pruneApproved: true });
    expect(entriesOf(plan(planned), 'prune')).toHaveLength(4);
    expect(entriesOf(plan(planned), 'hold')).toEqual([]);
  });

  it('[A10] stays where it lies outside the bounds that hold now, and says so', () => {
    const tenant = { name: 't', namespaces: ['shop'], allow: ['v1/ConfigMap'], deny: [], serviceAccount: null };
    const away = { ...wantedOf('e').ref, namespace: 'elsewhere' };
    const live = [...standing.slice(0, 4), { ...record(wantedOf('e')), ref: away }];
    const planned = input(names.slice(0, 4), live, {
      inventory: listing([...refs.slice(0, 4), away]),
      bounds: boundsOf({ tenant, allow: null }),
    });
    expect(entriesOf(plan(planned), 'protect')).toMatchObject([
      { ref: away, reason: 'tenant t may not use namespace elsewhere: only shop is allowed' },
    ]);
    expect(entriesOf(plan(planned), 'prune')).toEqual([]);
  });

  it('[A7] stays where it holds state', () => {
    const volume: ObjectRef = { group: '', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'disk' };
    const claim = record({ ...wantedOf('disk'), ref: volume });
    const marked = record(wantedOf('e'), { annotations: { 'fairway.dev/prune': 'never' } });
    const inventory = listing([...refs, volume]);
    const holding = new Map([[refKey(wantedOf('d').ref), 'it holds 2 persistent volume claims']]);
    const entries = plan(input(names.slice(0, 3), [...standing.slice(0, 4), marked, claim], { inventory, holding }));
    expect(
      entriesOf(entries, 'protect')
        .map(({ ref }) => ref.name)
        .sort(),
    ).toEqual(['d', 'disk', 'e']);
    expect(entriesOf(entries, 'prune')).toEqual([]);
  });

  it('[A12] stays for the application that takes it over', () => {
    const planned = input(names.slice(0, 4), standing, {
      inventory: listing(refs),
      heirOf: ({ name }) => (name === 'e' ? 'heir' : null),
    });
    expect(entriesOf(plan(planned), 'protect')).toMatchObject([{ reason: 'application heir takes it over' }]);
    expect(entriesOf(plan(planned), 'prune', 'hold')).toEqual([]);
  });

  it('[A6] is the same object under another group, and stays', () => {
    const old: ObjectRef = { ...a.ref, group: 'extensions' };
    const twin = { ...record(a), ref: old };
    const entries = plan(input([a], [record(a), twin], { inventory: listing([old]) }));
    expect(entriesOf(entries, 'prune', 'hold')).toEqual([]);
  });

  it('[A6] is never deleted without the inventory and the label, whatever the cluster holds', () => {
    const owner = fc.constantFrom('shop', 'other', null);
    const cell = fc.record({ wanted: fc.boolean(), listed: fc.boolean(), owner, exists: fc.boolean() });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 12 }), (cells) => {
        const all = cells.map((it, index) => ({ ...it, item: wantedOf(`o-${index}`) }));
        const live = all
          .filter(({ exists }) => exists)
          .map((it) => record(it.item, { owner: it.owner, managers: [ours] }));
        const inventory = listing(all.filter(({ listed }) => listed).map(({ item }) => item.ref));
        const entries = plan(
          input(
            all.filter((it) => it.wanted).map(({ item }) => item),
            live,
            { inventory },
          ),
        );
        for (const { ref } of entriesOf(entries, 'prune')) {
          const it = all.find(({ item }) => refKey(item.ref) === refKey(ref));
          expect(it).toMatchObject({ wanted: false, listed: true, owner: 'shop', exists: true });
        }
        const listed = all.filter((it) => it.listed).length;
        const pruned = entriesOf(entries, 'prune').length;
        expect(pruned === 0 || listed < 3 || pruned * 2 <= listed).toBe(true);
      }),
    );
  });
});
