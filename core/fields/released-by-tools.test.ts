import { describe, expect, it } from 'vitest';
import { wantedObject } from '../apply/desired.ts';
import type { KubeObject, ManagedFields } from '../objects/object.ts';
import { releasedByTools } from './released-by-tools.ts';

const entry = (
  manager: string,
  fieldsV1: Record<string, unknown>,
  more: Partial<ManagedFields> = {},
): ManagedFields => ({
  manager,
  operation: 'Update',
  fieldsV1,
  ...more,
});
const data = (...names: string[]) => ({
  'f:data': { '.': {}, ...Object.fromEntries(names.map((name) => [`f:${name}`, {}])) },
});
const ours = entry('fairway', data('one', 'two'), { operation: 'Apply' });
const live = (...managedFields: ManagedFields[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', managedFields },
  data: { one: '1', two: '2', three: '3' },
});
const wanted = (values: Record<string, string>) =>
  wantedObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: values }, 'shop', true, 'x', []);

describe('what is released', () => {
  it('[A4] is what people’s tools own together with Fairway and the bundle no longer sets', () => {
    const tool = entry('kubectl-client-side-apply', data('one', 'two', 'three'));
    expect(releasedByTools(live(ours, tool), wanted({ one: '1' }))).toEqual([
      ours,
      entry('kubectl-client-side-apply', data('one', 'three')),
    ]);
  });

  it('[A4] is a whole entry where nothing of it is left, and an item of a list by its keys', () => {
    const item = (name: string) => ({ [`k:{"name":"${name}"}`]: { '.': {}, 'f:name': {}, 'f:image': {} } });
    const list = (...names: string[]) => ({ 'f:data': Object.assign({}, ...names.map(item)) });
    const own = entry('fairway', list('web', 'side'), { operation: 'Apply' });
    const both = wanted({});
    const model = { ...both, object: { ...both.object, data: [{ name: 'web' }] } };
    expect(releasedByTools(live(own, entry('kubectl', list('side'))), model)).toEqual([own]);
  });

  it('[A4] is nothing of controllers, of other appliers, of subresources, nor where the bundle still sets it', () => {
    for (const other of [
      entry('some-controller', data('two')),
      entry('kubectl', data('two'), { operation: 'Apply' }),
      entry('kubectl', data('two'), { subresource: 'status' }),
      entry('kubectl', data('one', 'three')),
    ])
      expect(releasedByTools(live(ours, other), wanted({ one: '1' })), JSON.stringify(other)).toBeNull();
    expect(releasedByTools(live(ours, entry('kubectl', data('two'))), wanted({ one: '1', two: '2' }))).toBeNull();
    expect(releasedByTools(live(), wanted({}))).toBeNull();
  });
});
