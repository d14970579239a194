import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KubeObject, type ManagedFields, ownerLabel } from '../objects/object.ts';
import { differences } from './diff.ts';
import { parseFieldPattern } from './pattern.ts';

const configMap = (data: Record<string, unknown>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
});
const pod = (spec: Record<string, unknown>): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: { template: { spec } },
});
const custom = (spec: unknown, managedFields?: ManagedFields[]): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', ...(managedFields === undefined ? {} : { managedFields }) },
  spec,
});
const owned = (manager: string, fieldsV1: Record<string, unknown>): ManagedFields => ({
  manager,
  operation: 'Update',
  time: '2026-01-01T00:00:00Z',
  fieldsV1,
});
const pointers = (wanted: KubeObject, live: KubeObject, fields: string[] = []) =>
  differences(wanted, live, { ignored: fields.map((field) => parseFieldPattern(field) ?? []) }).map(
    ({ pointer }) => pointer,
  );

describe('differences', () => {
  it('[D2] are only those of fields that the bundle sets', () => {
    expect(pointers(configMap({ a: '1' }), configMap({ a: '1', b: '2' }))).toEqual([]);
    expect(pointers(configMap({ a: '1', c: '3' }), configMap({ a: '2', b: '2' }))).toEqual(['/data/a', '/data/c']);
  });

  it('[D3] say wanted, found and who', () => {
    const live = configMap({ a: '2' });
    live.metadata.managedFields = [
      { manager: 'fairway', operation: 'Apply', time: '2026-01-02T00:00:00Z', fieldsV1: { 'f:data': { 'f:a': {} } } },
      owned('kubectl-edit', { 'f:data': { 'f:a': {} } }),
    ];
    expect(differences(configMap({ a: '1' }), live)).toMatchObject([
      { pointer: '/data/a', wanted: '"1"', found: '"2"', manager: 'kubectl-edit' },
    ]);
    expect(differences(configMap({ a: '1' }), configMap({}))).toMatchObject([{ found: null, manager: 'unknown' }]);
  });

  it('[D2] are none between spellings of one quantity, where the field is one', () => {
    const resources = (limits: Record<string, unknown>) => pod({ containers: [{ name: 'a', resources: { limits } }] });
    expect(pointers(resources({ cpu: '1000m', memory: '1024Mi' }), resources({ cpu: '1', memory: '1Gi' }))).toEqual([]);
    expect(pointers(configMap({ cpu: '1000m' }), configMap({ cpu: '1' }))).toEqual(['/data/cpu']);
  });

  it('[D2] are none where the server drops the empty', () => {
    const wanted = pod({ containers: [], securityContext: {}, nodeSelector: null });
    expect(pointers(wanted, pod({}))).toEqual([]);
  });

  it('[D2] find items of lists by their keys, whatever their order, and leave those of others alone', () => {
    const wanted = pod({
      containers: [
        { name: 'a', image: '1' },
        { name: 'b', image: '1' },
      ],
    });
    const live = pod({
      containers: [
        { name: 'sidecar', image: 'x' },
        { name: 'b', image: '2' },
        { name: 'a', image: '1', imagePullPolicy: 'Always' },
      ],
    });
    expect(pointers(wanted, live)).toEqual(['/spec/template/spec/containers/1/image']);
    expect(pointers(wanted, pod({ containers: [{ name: 'a', image: '1' }] }))).toEqual([
      '/spec/template/spec/containers/1',
    ]);
  });

  it('[D2] match ports that leave their protocol out', () => {
    const ports = (...list: unknown[]) => pod({ containers: [{ name: 'a', ports: list }] });
    const wanted = ports({ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' });
    const live = ports({ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'UDP' });
    expect(pointers(wanted, live)).toEqual([]);
  });

  it('[D2] compare a list without keys whole, and name the one field that differs', () => {
    const tolerations = (...list: unknown[]) => pod({ tolerations: list });
    const [a, b] = [
      { key: 'a', operator: 'Exists' },
      { key: 'b', operator: 'Exists' },
    ];
    expect(pointers(tolerations(a, b), tolerations({ ...a, effect: 'NoSchedule' }, b))).toEqual([]);
    expect(pointers(tolerations(a), tolerations(a, b))).toEqual(['/spec/template/spec/tolerations']);
    expect(pointers(tolerations(a), tolerations(b))).toEqual(['/spec/template/spec/tolerations/0/key']);
    expect(pointers(tolerations(a, b), tolerations(b, a))).toEqual(['/spec/template/spec/tolerations']);
  });

  it('[D2] learn the keys of custom lists from who owns them', () => {
    const item = { 'k:{"id":2}': { '.': {}, 'f:id': {}, 'f:size': {} } };
    const fields = [owned('some-controller', { 'f:spec': { 'f:parts': item } })];
    const live = custom(
      {
        parts: [
          { id: 1, size: 9 },
          { id: 2, size: 9 },
        ],
      },
      fields,
    );
    expect(differences(custom({ parts: [{ id: 2, size: 1 }] }), live)).toMatchObject([
      { pointer: '/spec/parts/0/size', found: '9', manager: 'some-controller' },
    ]);
    expect(pointers(custom({ parts: [{ id: 2, size: 1 }] }), custom({ parts: [{ id: 1 }, { id: 2 }] }))).toEqual([
      '/spec/parts',
    ]);
  });

  it('[D4] are none in fields left to others', () => {
    const live = configMap({ a: 'x', b: 'y' });
    expect(pointers(configMap({ a: '1', b: '2' }), live, ['/data/a'])).toEqual(['/data/b']);
    expect(pointers(configMap({ a: '1', b: '2' }), live, ['/data'])).toEqual([]);
  });

  it('[D4] are none in items of lists that are left to others', () => {
    const containers = (web: string, proxy: string) =>
      pod({
        containers: [
          { name: 'web', image: web },
          { name: 'proxy', image: proxy, args: ['-v'] },
        ],
      });
    const list = '/spec/template/spec/containers';
    const found = (...fields: string[]) => pointers(containers('1', '1'), containers('2', '2'), fields);
    expect(found()).toEqual([`${list}/0/image`, `${list}/1/image`]);
    expect(found(`${list}[name=proxy]`)).toEqual([`${list}/0/image`]);
    expect(found(`${list}[name=proxy]/image`)).toEqual([`${list}/0/image`]);
    expect(found(`${list}/*/image`)).toEqual([]);
    const gone = pod({ containers: [{ name: 'web', image: '1' }] });
    expect(pointers(containers('1', '1'), gone, [`${list}[name=proxy]`])).toEqual([]);
  });

  it('[D4] are none in items that others put into a list that is replaced whole', () => {
    const tolerations = (...keys: string[]) => pod({ tolerations: keys.map((key) => ({ key })) });
    const own = ['/spec/template/spec/tolerations[key=theirs]'];
    expect(pointers(tolerations('a', 'b'), tolerations('theirs', 'a', 'b'), own)).toEqual([]);
    expect(pointers(tolerations('a', 'b'), tolerations('a', 'other'), own)).toEqual([
      '/spec/template/spec/tolerations/1/key',
    ]);
    expect(pointers(tolerations('a'), tolerations('theirs'), own)).toEqual(['/spec/template/spec/tolerations']);
  });

  it("[A12] show the owner's label, whatever is left to others", () => {
    const labelled = (labels: Record<string, string>) => ({ ...configMap({}), metadata: { name: 'a', labels } });
    const wanted = labelled({ [ownerLabel]: 'shop', tier: 'front' });
    for (const field of ['/metadata', '/metadata/labels', '/metadata/labels/*'])
      expect(pointers(wanted, labelled({}), [field]), field).toEqual(['/metadata/labels/fairway.dev~1application']);
  });

  it('[D3] name who set a list or a map that is owned whole', () => {
    const live = pod({ tolerations: [{ key: 'b' }], nodeSelector: { disk: 'slow' } });
    const owns = { 'f:spec': { 'f:template': { 'f:spec': { 'f:tolerations': {}, 'f:nodeSelector': {} } } } };
    live.metadata.managedFields = [owned('kubectl-edit', owns)];
    const wanted = pod({ tolerations: [{ key: 'a' }], nodeSelector: { disk: 'fast' } });
    expect(differences(wanted, live).map(({ pointer, manager }) => [pointer, manager])).toEqual([
      ['/spec/template/spec/tolerations/0/key', 'kubectl-edit'],
      ['/spec/template/spec/nodeSelector/disk', 'kubectl-edit'],
    ]);
  });

  it('[A11] mask the values of Secrets, and tell them apart all the same', () => {
    const secret = (value: string): KubeObject => ({ ...configMap({ password: value }), kind: 'Secret' });
    const [first] = differences(secret('aGk='), secret('bm8='));
    const [second] = differences(secret('aGk='), secret('ZWg='));
    expect(first).toMatchObject({ wanted: '"(masked)"', found: '"(masked)"' });
    expect(JSON.stringify([first, second])).not.toMatch(/aGk=|bm8=|ZWg=/);
    expect(first?.fingerprint).not.toBe(second?.fingerprint);
  });

  it('[L7] cut long values, and stay JSON', () => {
    const [difference] = differences(configMap({ a: 'x'.repeat(100_000) }), configMap({ a: 'y' }));
    expect(difference?.wanted?.length).toBeLessThan(1_200);
    expect(JSON.parse(difference?.wanted ?? '')).toContain('characters');
  });

  const json = fc.jsonValue({ maxDepth: 4 });
  it('[D2] are none between an object and itself, whatever is in it', () => {
    fc.assert(
      fc.property(json, json, (spec, data) => {
        const object = { ...custom(spec), data };
        expect(differences(object, structuredClone(object))).toEqual([]);
      }),
    );
  });

  it('[D2] are none to a live object that has more', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.dictionary(fc.string(), json), (wanted, more) => {
        const live = structuredClone({ ...more, ...wanted });
        expect(differences(custom(structuredClone(wanted)), custom(live))).toEqual([]);
      }),
    );
  });
});
