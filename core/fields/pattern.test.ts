import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { below, isCovered, parseFieldPattern, pointersIn } from './pattern.ts';
import { toPointer, valueAt } from './pointer.ts';

const object = {
  metadata: { annotations: { 'a.b/c': '1', other: '2' }, finalizers: ['example.com/x', 'example.com/y'] },
  spec: {
    replicas: 3,
    containers: [
      {
        name: 'web',
        image: 'a',
        ports: [
          { containerPort: 80, protocol: 'TCP' },
          { containerPort: 80, protocol: 'UDP' },
        ],
      },
      { name: 'proxy', image: 'b', volumeMounts: [{ mountPath: '/var/run', name: 'v' }] },
    ],
  },
};
const named = (...texts: string[]) =>
  pointersIn(
    texts.map((text) => parseFieldPattern(text) ?? []),
    object,
  );

describe('field patterns', () => {
  it.each([
    ['/spec/replicas', ['/spec/replicas']],
    ['/metadata/annotations/a.b~1c', ['/metadata/annotations/a.b~1c']],
    ['/metadata/annotations/*', ['/metadata/annotations/a.b~1c', '/metadata/annotations/other']],
    ['/spec/containers[name=proxy]', ['/spec/containers/1']],
    ['/spec/containers[name=proxy]/image', ['/spec/containers/1/image']],
    ['/spec/containers/*/image', ['/spec/containers/0/image', '/spec/containers/1/image']],
    ['/spec/containers/0/image', ['/spec/containers/0/image']],
    ['/spec/containers[name=web]/ports[containerPort=80,protocol=UDP]', ['/spec/containers/0/ports/1']],
    ['/spec/containers/*/volumeMounts[mountPath=/var/run]/name', ['/spec/containers/1/volumeMounts/0/name']],
    ['/spec/containers/*/volumeMounts[mountPath="/var/run"]', ['/spec/containers/1/volumeMounts/0']],
    ['/metadata/finalizers[=example.com/x]', ['/metadata/finalizers/0']],
    ['/spec/containers[name=none]', []],
    ['/spec/unheard/of', []],
  ])('[D4] %s names %j', (text, pointers) => expect(named(text)).toEqual(pointers));

  it.each([
    '',
    'spec',
    '/',
    '//',
    '/spec/',
    '/spec/a~2',
    '/a[',
    '/a[b]',
    '/a[b=c',
    '/a[b=c]d',
    '/a]',
    '/a[b=c,]',
    '/[a=b]',
  ])('[X4] %j is none', (text) => expect(parseFieldPattern(text)).toBeNull());

  it('[D4] take quotes around what would end a value', () => {
    const list = [{ id: 'a]b' }, { id: 'a,b' }, { id: 'a"b' }];
    const find = (value: string) => pointersIn([parseFieldPattern(`/list[id=${value}]`) ?? []], { list });
    expect([find('"a]b"'), find('"a,b"'), find('"a\\"b"')]).toEqual([['/list/0'], ['/list/1'], ['/list/2']]);
  });

  it('[D4] cover a field and all beneath it, and nothing beside it', () => {
    const left = below([parseFieldPattern('/spec/containers[name=web]') ?? []], 'spec', object.spec);
    const [web, proxy] = object.spec.containers;
    const lists = below(left, 'containers', object.spec.containers);
    expect(isCovered(lists)).toBe(false);
    expect(isCovered(below(lists, '0', web))).toBe(true);
    expect(isCovered(below(lists, '1', proxy))).toBe(false);
  });

  it('[D4] a JSON pointer names just what it points to', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== '*' && !/[[\]]/.test(text));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (path) => {
        const nested = path.reduceRight<unknown>((inner, segment) => Object.fromEntries([[segment, inner]]), 1);
        const pointer = toPointer(path);
        expect(pointersIn([parseFieldPattern(pointer) ?? []], nested)).toEqual([pointer]);
        expect(valueAt(nested, path)).toBe(1);
      }),
    );
  });

  it('never throw, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        pointersIn([parseFieldPattern(`/a${text}`) ?? [{ step: 'any' }]], object);
      }),
    );
  });
});
