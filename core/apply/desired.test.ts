import { describe, expect, it } from 'vitest';
import { parseFieldPattern } from '../fields/pattern.ts';
import type { KubeObject } from '../objects/object.ts';
import { definedKinds, ignoring, judgedBy, wantedObject } from './desired.ts';

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', uid: 'x', resourceVersion: '5', labels: { a: 'b' } },
  data: { one: 'MQ==' },
  stringData: { two: '2', one: 'first' },
  status: { phase: 'x' },
};

describe('wanted objects', () => {
  it('[A12] carry the label of their owner, and a namespace', () => {
    const { object, ref, key } = wantedObject(secret, 'shop', true, 'storefront', []);
    expect(object.metadata).toEqual({
      name: 's',
      namespace: 'storefront',
      labels: { a: 'b', 'fairway.dev/application': 'shop' },
    });
    expect(ref.namespace).toBe('storefront');
    expect(key).toBe('/Secret/storefront/s');
  });

  it('have no namespace where their kind has none', () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', namespace: 'wrong' } };
    expect(wantedObject(namespace, 'shop', false, 'storefront', []).object.metadata.namespace).toBeUndefined();
  });

  it('[D2] hold text of Secrets as the server keeps it, and no status', () => {
    const { object } = wantedObject(secret, 'shop', true, 'storefront', []);
    expect(object.data).toEqual({
      one: Buffer.from('first').toString('base64'),
      two: Buffer.from('2').toString('base64'),
    });
    expect(object).not.toHaveProperty('stringData');
    expect(object).not.toHaveProperty('status');
  });

  it.each([[{ a: { b: 'c' } }], [{ a: 5 }], ['text'], [['text']]])(
    '[A1, A11] hold what is no text as it stands, for the server to refuse: %j',
    (stringData) => {
      const { object } = wantedObject({ ...secret, stringData }, 'shop', true, 'storefront', []);
      expect(object).toMatchObject({ data: { one: 'MQ==' }, stringData });
    },
  );

  it('leave the manifest as it is', () => {
    const before = structuredClone(secret);
    wantedObject(secret, 'shop', true, 'storefront', []);
    expect(secret).toEqual(before);
  });

  it('complete what client-side tools let people leave out', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] },
    };
    expect(wantedObject(service, 'shop', true, 'x', []).object.spec).toEqual({
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    });
  });

  it('[D4] have a digest of their own where fields are ignored', () => {
    const plain = wantedObject(secret, 'shop', true, 'x', []);
    const own = wantedObject(secret, 'shop', true, 'x', [{ kind: 'Secret', fields: ['/data/one'] }]);
    expect(own.digest).not.toBe(plain.digest);
    expect(own.ignored).toEqual([parseFieldPattern('/data/one')]);
    expect(ignoring(own, [{ fields: ['/data/two'] }])).toMatchObject({
      ignored: [parseFieldPattern('/data/one'), parseFieldPattern('/data/two')],
    });
    expect(ignoring(own, [{ kind: 'ConfigMap', fields: ['/data/two'] }])).toBe(own);
  });

  it('[D4] are matched by every member of an ignore rule, names by globs', () => {
    const fields = ['/spec/replicas'];
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
    const ignored = (rule: object) => wantedObject(web, 'shop', true, 'a', [{ ...rule, fields }]).ignored.length;
    const all = { kind: 'Deployment', group: 'apps', namespace: 'a', name: 'web' };
    for (const rule of [{}, all, { name: 'w*' }, { namespace: '*' }])
      expect(ignored(rule), JSON.stringify(rule)).toBe(1);
    for (const other of [{ kind: 'Job' }, { group: 'batch' }, { namespace: 'b' }, { name: 'api' }, { name: 'we' }])
      expect(ignored({ ...all, ...other }), JSON.stringify(other)).toBe(0);
  });

  it('[H1] have a digest of their own where expressions judge them', () => {
    const plain = wantedObject(secret, 'shop', true, 'x', []);
    const rule = { kind: 'Secret', healthy: 'true' };
    const judge = () => ({ health: 'healthy', reason: 'the password is hunter2' }) as const;
    const judged = judgedBy(plain, { rule, judge });
    expect(judged.digest).not.toBe(plain.digest);
    expect(judgedBy(plain, { rule: { ...rule, healthy: 'false' }, judge }).digest).not.toBe(judged.digest);
    expect(judgedBy(plain, null)).toBe(plain);
  });

  it('[A11] are told of in no words of an expression where they came encrypted', () => {
    const sealed = wantedObject(secret, 'shop', true, 'x', [], ['/data']);
    const judge = () => ({ health: 'healthy', reason: 'the password is hunter2' }) as const;
    const report = judgedBy(sealed, { rule: { kind: 'Secret', healthy: 'true' }, judge }).health?.judge(secret, 0);
    expect(report?.health).toBe('healthy');
    expect(report?.reason).not.toContain('hunter2');
  });
});

describe('defined kinds', () => {
  it('[A1] are known before the cluster serves them', () => {
    const definition: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { kind: 'Widget', plural: 'widgets' },
        versions: [{ name: 'v1' }, { name: 'v2' }],
      },
    };
    expect(definedKinds([definition, secret])).toEqual([
      { group: 'example.com', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: false },
      { group: 'example.com', version: 'v2', kind: 'Widget', plural: 'widgets', namespaced: false },
    ]);
  });
});
