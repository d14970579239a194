import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bundle } from '../bundle.ts';
import type { KubeObject } from '../objects/object.ts';
import { bundleChanges } from './bundle-changes.ts';

const seal = (text: string) => `sealed ${text.length}`;
const bundle = (objects: KubeObject[], more: Partial<Bundle> = {}): Bundle => ({
  ...{ application: 'shop', namespace: 'shop', conflicts: 'yield', ignore: [], health: [], objects },
  ...more,
});
const configMap = (data: Record<string, unknown>, name = 'settings'): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data },
});
const secret = (members: Record<string, unknown>): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' } },
  ...members,
});
const deployment = (spec: Record<string, unknown>): KubeObject => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
  spec: { template: { spec } },
});
const sops = (text: string): KubeObject => secret({ sops: text });

const between = (before: KubeObject[], after: KubeObject[]) => bundleChanges(bundle(before), bundle(after), seal);
const fieldsOf = (before: KubeObject, after: KubeObject) =>
  between([before], [after]).flatMap((change) =>
    change.action === 'change' ? change.fields.map(({ field, before, after }) => [field, before, after]) : [],
  );

describe('bundleChanges', () => {
  it('[P2] says what is created, changed and deleted, and nothing of what stays', () => {
    const changes = between(
      [configMap({ a: '1' }), configMap({}, 'old'), configMap({}, 'same')],
      [configMap({ a: '2' }), configMap({}, 'same'), configMap({}, 'new')],
    );
    const ref = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'shop', name });
    expect(changes).toMatchObject([
      { action: 'change', object: ref('settings'), fields: [{ field: 'data.a', before: '"1"', after: '"2"' }] },
      { action: 'create', object: ref('new') },
      { action: 'delete', object: ref('old') },
    ]);
  });

  it('[P2] names fields that come and go, and items of keyed lists by their keys', () => {
    const env = (...entries: [string, string][]) => entries.map(([name, value]) => ({ name, value }));
    const container = (name: string, image: string, more = {}) => ({ name, image, ...more });
    expect(
      fieldsOf(
        deployment({
          containers: [container('log', 'l:1'), container('web', 'w:1', { env: env(['A', '1'], ['B', '2']) })],
        }),
        deployment({ containers: [container('web', 'w:2', { env: env(['B', '3']) }), container('new', 'n:1')] }),
      ),
    ).toEqual([
      ['spec.template.spec.containers[name="web"].image', '"w:1"', '"w:2"'],
      ['spec.template.spec.containers[name="web"].env[name="B"].value', '"2"', '"3"'],
      ['spec.template.spec.containers[name="web"].env[name="A"]', '{"name":"A","value":"1"}', null],
      ['spec.template.spec.containers[name="new"]', null, '{"image":"n:1","name":"new"}'],
      ['spec.template.spec.containers[name="log"]', '{"image":"l:1","name":"log"}', null],
    ]);
  });

  it('the order of a keyed list is a change of the list', () => {
    const containers = (...names: string[]) => deployment({ initContainers: names.map((name) => ({ name })) });
    expect(fieldsOf(containers('a', 'b'), containers('b', 'a'))).toEqual([
      ['spec.template.spec.initContainers', '[{"name":"a"},{"name":"b"}]', '[{"name":"b"},{"name":"a"}]'],
    ]);
  });

  it('a list that is replaced whole is shown whole where items came or went', () => {
    const args = (...items: string[]) => deployment({ containers: [{ name: 'a', args: items }] });
    const field = 'spec.template.spec.containers[name="a"].args';
    expect(fieldsOf(args('x', 'y'), args('x', 'z'))).toEqual([[`${field}[1]`, '"y"', '"z"']]);
    expect(fieldsOf(args('x'), args('x', 'z'))).toEqual([[field, '["x"]', '["x","z"]']]);
  });

  it('spellings of one quantity are no change', () => {
    const limits = (cpu: string) => deployment({ containers: [{ name: 'a', resources: { limits: { cpu } } }] });
    expect(between([limits('1000m')], [limits('1')])).toEqual([]);
  });

  it('shows a text of several lines line by line', () => {
    const text = (port: number) => `# the shop\nhost: shop\nport: ${port}\nlog: info\ntrace: no\nend: yes\n`;
    const [change] = between([configMap({ 'app.yaml': text(80) })], [configMap({ 'app.yaml': text(81) })]);
    expect(change).toMatchObject({
      fields: [
        {
          field: 'data[app.yaml]',
          lines: [
            '@@ -1,5 +1,5 @@',
            ' # the shop',
            ' host: shop',
            '-port: 80',
            '+port: 81',
            ' log: info',
            ' trace: no',
          ],
        },
      ],
    });
  });

  it('[A11] no value of a Secret is in a change, nor in the name of one', () => {
    const value = fc.stringMatching(/^[a-z0-9]{12,40}$/);
    fc.assert(
      fc.property(value, value, fc.constantFrom('data', 'stringData'), (old, wanted, member) => {
        fc.pre(old !== wanted);
        const encoded = (text: string) => (member === 'data' ? Buffer.from(text).toString('base64') : text);
        const changes = between(
          [secret({ [member]: { password: encoded(old) } })],
          [secret({ [member]: { password: encoded(wanted) }, type: 'Opaque' })],
        );
        const text = JSON.stringify(changes);
        for (const hidden of [old, wanted].flatMap((each) => [each, Buffer.from(each).toString('base64')]))
          expect(text).not.toContain(hidden);
        expect(changes).toMatchObject([
          { fields: [{ field: 'data.password', before: '"(masked)"', after: '"(masked)"' }, { field: 'type' }] },
        ]);
      }),
    );
  });

  it('[A11] a Secret written as text and as base64 is the same Secret', () => {
    expect(between([secret({ stringData: { a: 'x' } })], [secret({ data: { a: 'eA==' } })])).toEqual([]);
  });

  it('[A13] what SOPS encrypted is only ever said to have changed', () => {
    const [change, ...others] = between([sops('ENC[one]')], [sops('ENC[two]')]);
    expect(others).toEqual([]);
    expect(change).toMatchObject({ action: 'change', encrypted: true, fields: [] });
    expect(between([secret({ data: { a: 'eA==' } })], [sops('ENC[two]')])).toMatchObject([
      { encrypted: true, fields: [] },
    ]);
    expect(between([], [sops('ENC[two]')])).toMatchObject([{ action: 'create', encrypted: true }]);
  });

  it('[A7] what holds data, or is marked so, leaves the bundle and stays', () => {
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' } };
    const marked = { ...configMap({}), metadata: { name: 'm', annotations: { 'fairway.dev/prune': 'never' } } };
    expect(between([claim, marked], [])).toMatchObject([
      { action: 'keep', reason: 'it holds data' },
      { action: 'keep', reason: 'it is marked fairway.dev/prune: never' },
    ]);
  });

  it('[D4] leaves out fields that are left to others', () => {
    const ignore = [{ kind: 'Deployment', fields: ['/spec/replicas'] }];
    const scaled = (replicas: number) => bundle([{ ...deployment({}), spec: { replicas } }], { ignore });
    expect(bundleChanges(scaled(1), scaled(2), seal)).toEqual([]);
  });

  it('says what changes of the application itself', () => {
    expect(bundleChanges(bundle([]), bundle([], { conflicts: 'force' }), seal)).toMatchObject([
      { action: 'rules', fields: [{ field: 'conflicts', before: '"yield"', after: '"force"' }] },
    ]);
  });

  it('a namespace of the application moves what names none, but what belongs to no namespace', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reader' } };
    const objects = [role, configMap({})];
    const changes = bundleChanges(bundle(objects), bundle(objects, { namespace: 'store' }), seal);
    expect(changes.map((change) => [change.action, 'object' in change ? change.object.namespace : ''])).toEqual([
      ...[
        ['rules', ''],
        ['create', 'store'],
        ['delete', 'shop'],
      ],
    ]);
  });

  it('[G9] everything is deleted where the application is taken away, and created where it is new', () => {
    const objects = [configMap({ a: '1' })];
    expect(bundleChanges(bundle(objects), null, seal)).toMatchObject([{ action: 'delete' }]);
    expect(bundleChanges(null, bundle(objects), seal)).toMatchObject([{ action: 'create' }]);
  });

  it('[P2] the same change has the same name beside different neighbours; another has another', () => {
    const at = (cluster: string, image: string) =>
      bundle([configMap({ cluster }), deployment({ containers: [{ name: 'web', image }] })]);
    const ids = (before: Bundle, after: Bundle) => bundleChanges(before, after, seal).map(({ id }) => id);
    const [one] = ids(at('a', 'w:1'), at('a', 'w:2'));
    expect(ids(at('b', 'w:1'), at('b', 'w:2'))).toEqual([one]);
    expect(ids(at('b', 'w:1'), at('b', 'w:3'))).not.toEqual([one]);
  });

  it('a bundle that stays changes nothing, and what changes back undoes the change', () => {
    const objects = fc.array(
      fc.record({ name: fc.constantFrom('a', 'b', 'c'), data: fc.dictionary(fc.constantFrom('x', 'y'), fc.string()) }),
      { maxLength: 4 },
    );
    const made = (items: { name: string; data: Record<string, string> }[]) =>
      bundle([...new Map(items.map(({ name, data }) => [name, configMap(data, name)])).values()]);
    fc.assert(
      fc.property(objects, objects, (one, other) => {
        expect(bundleChanges(made(one), made(one), seal)).toEqual([]);
        const forth = bundleChanges(made(one), made(other), seal);
        const back = bundleChanges(made(other), made(one), seal);
        const count = (changes: typeof forth, action: string) =>
          changes.filter((each) => each.action === action).length;
        expect(count(back, 'create')).toBe(count(forth, 'delete'));
        expect(count(back, 'change')).toBe(count(forth, 'change'));
      }),
    );
  });
});
