import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPointer, isWithin, pointerOfField, setAt, toPointer, valueAt, without } from './pointer.ts';

const object = {
  metadata: { labels: { 'a.b/c': 'd', app: 'web' } },
  data: { 'a.conf': 'x', plain: 'y' },
  spec: {
    replicas: 1,
    containers: [
      { name: 'side', image: 'a' },
      { name: 'web', image: 'b', ports: [{ port: 80 }, { port: 90, protocol: 'UDP' }] },
    ],
    finalizers: ['x', 'y'],
  },
};

describe('pointers', () => {
  it('survive any text in a segment', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (path) => {
        expect(fromPointer(toPointer(path))).toEqual(path);
      }),
    );
  });

  it('contain what lies beneath them, by whole segments', () => {
    expect(isWithin('/spec/replicas', '/spec')).toBe(true);
    expect(isWithin('/spec', '/spec')).toBe(true);
    expect(isWithin('/specific', '/spec')).toBe(false);
  });

  it('read and set', () => {
    const copy = structuredClone(object);
    expect(valueAt(copy, ['spec', 'containers', '1', 'image'])).toBe('b');
    expect(valueAt(copy, ['spec', 'nothing', 'here'])).toBeUndefined();
    expect(setAt(copy, ['spec', 'replicas'], 2)).toBe(true);
    expect(copy.spec.replicas).toBe(2);
    expect(setAt(copy, ['nowhere', 'replicas'], 2)).toBe(false);
  });
});

describe('without', () => {
  it('takes fields out of a copy, with the maps that this empties', () => {
    const left = without({ a: { b: { c: 1 } }, d: [1, 2, 3] }, ['/a/b/c', '/d/0', '/d/2']);
    expect(left).toEqual({ d: [2] });
  });

  it('leaves the original alone', () => {
    const before = structuredClone(object);
    without(object, ['/spec/containers/0', '/metadata']);
    expect(object).toEqual(before);
  });

  it('takes nothing where there is nothing', () => {
    expect(without({ a: 1 }, ['/b/c'])).toEqual({ a: 1 });
  });
});

describe('pointerOfField', () => {
  it.each([
    ['.spec.replicas', '/spec/replicas'],
    ['spec.containers[1].image', '/spec/containers/1/image'],
    ['.spec.containers[name="web"].image', '/spec/containers/1/image'],
    ['.spec.containers[name="web"].ports[port=80,protocol="TCP"].targetPort', '/spec/containers/1/ports/0/targetPort'],
    ['.spec.containers[name="web"].ports[port=90,protocol="UDP"]', '/spec/containers/1/ports/1'],
    ['.spec.finalizers[="y"]', '/spec/finalizers/1'],
    ['.metadata.labels.a.b/c', '/metadata/labels/a.b~1c'],
    ['data[a.conf]', '/data/a.conf'],
    ['.data.a.conf', '/data/a.conf'],
    ['spec.unheard.of', '/spec/unheard/of'],
    ['spec.containers[5].image', '/spec/containers/5/image'],
  ])('[A1] %s is %s', (field, pointer) => {
    expect(pointerOfField(field, object)).toBe(pointer);
  });

  it.each(['', '.', 'spec.containers[0'])('has none for "%s"', (field) => {
    expect(pointerOfField(field, object)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (field) => {
        pointerOfField(field, object);
      }),
    );
  });
});
