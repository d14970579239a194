import { describe, expect, it } from 'vitest';
import type { ManagedFields } from '../objects/object.ts';
import { abandonedFields, fieldOwners, isApplied, listKeysShown, managerOf, ownersOfField } from './owners.ts';
import { parseFieldPattern } from './pattern.ts';

const ours = (fieldsV1: Record<string, unknown>): ManagedFields => ({
  manager: 'fairway',
  operation: 'Apply',
  time: '2026-01-03T00:00:00Z',
  fieldsV1,
});
const theirs = (manager: string, time: string, fieldsV1: Record<string, unknown>): ManagedFields => ({
  manager,
  operation: 'Update',
  time,
  fieldsV1,
});

describe('field owners', () => {
  it('[D3] name the latest manager that is not Fairway', () => {
    const tree = fieldOwners([
      ours({ 'f:data': { 'f:a': {} } }),
      theirs('old', '2026-01-01T00:00:00Z', { 'f:data': { 'f:a': {} } }),
      theirs('new', '2026-01-02T00:00:00Z', { 'f:data': { 'f:a': {} } }),
    ]);
    expect(managerOf(ownersOfField(ownersOfField(tree, 'data'), 'a'))).toBe('new');
    expect(managerOf(ownersOfField(ownersOfField(tree, 'data'), 'b'))).toBe('unknown');
    expect(isApplied(tree)).toBe(true);
  });

  it('take an update by the name of Fairway, or an apply of another, for no apply of its own', () => {
    expect(isApplied(fieldOwners([{ ...ours({}), operation: 'Update' }]))).toBe(false);
    expect(isApplied(fieldOwners([{ ...ours({}), manager: 'helm' }]))).toBe(false);
    expect(isApplied(fieldOwners([{ ...ours({}), subresource: 'status' }]))).toBe(false);
    expect(isApplied(fieldOwners(undefined))).toBe(false);
  });

  it('show how lists are merged', () => {
    const tree = fieldOwners([
      ours({ 'f:keyed': { 'k:{"a":1,"b":"x"}': {} }, 'f:set': { 'v:"x"': {} }, 'f:whole': {} }),
    ]);
    expect(listKeysShown(ownersOfField(tree, 'keyed'), [{}])).toEqual(['a', 'b']);
    expect(listKeysShown(ownersOfField(tree, 'set'), ['x'])).toBe('set');
    expect(listKeysShown(ownersOfField(tree, 'whole'), ['x'])).toBeNull();
    expect(listKeysShown(ownersOfField(tree, 'whole'), [])).toBeUndefined();
    expect(listKeysShown(ownersOfField(tree, 'nobody'), ['x'])).toBeUndefined();
  });

  it('[A3] show what Fairway still owns and the bundle no longer sets', () => {
    const tree = fieldOwners([
      ours({
        'f:data': { 'f:kept': {}, 'f:dropped': {} },
        'f:spec': {
          'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} }, 'k:{"name":"b"}': { '.': {} } },
          'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
        },
      }),
      theirs('other', '', { 'f:data': { 'f:foreign': {} } }),
    ]);
    const wanted = { data: { kept: '1' }, spec: { list: [{ name: 'a' }], ports: [{ port: 80 }] } };
    expect(abandonedFields(tree, wanted)).toEqual([
      ['data', 'dropped'],
      ['spec', 'list', 'k:{"name":"a"}', 'image'],
      ['spec', 'list', 'k:{"name":"b"}'],
    ]);
  });

  it('[D4] take nothing away that is left to others', () => {
    const tree = fieldOwners([
      ours({
        'f:metadata': { 'f:annotations': { 'f:a': {}, 'f:b': {} } },
        'f:spec': { 'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } } },
      }),
    ]);
    const abandoned = (...patterns: string[]) =>
      abandonedFields(
        tree,
        { metadata: {}, spec: {} },
        patterns.map((text) => parseFieldPattern(text) ?? []),
      ).map((path) => path.join('/'));
    expect(abandoned()).toEqual(['metadata/annotations', 'spec/list']);
    expect(abandoned('/metadata/annotations/a')).toEqual(['metadata/annotations/b', 'spec/list']);
    expect(abandoned('/metadata', '/spec/list[name=a]')).toEqual([]);
    expect(abandoned('/metadata', '/spec/list/*/image')).toEqual(['spec/list/k:{"name":"a"}']);
  });
});
