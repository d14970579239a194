import { describe, expect, it } from 'vitest';
import { wantedObject } from './desired.ts';
import { leavingIgnored } from './ignored.ts';
import type { KubeObject, ManagedFields } from './object.ts';

const deployment = (replicas: number | undefined): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    template: { spec: { containers: [{ name: 'web', image: '1' }] } },
  },
});
const wanted = (fields: string[], object = deployment(2)) =>
  wantedObject(object, 'shop', true, 'shop', [{ kind: 'Deployment', fields }]);
const owning = (manager: string, fieldsV1: Record<string, unknown>): ManagedFields => ({
  manager,
  operation: manager === 'fairway' ? 'Apply' : 'Update',
  fieldsV1,
});
const live = (object: KubeObject, ...managedFields: ManagedFields[]) => ({
  ...object,
  metadata: { ...object.metadata, managedFields },
});
const replicas = { 'f:spec': { 'f:replicas': {} } };

describe('ignored fields', () => {
  it('[D4] are left out where somebody else owns them', () => {
    const object = leavingIgnored(wanted(['/spec/replicas']), live(deployment(7), owning('autoscaler', replicas)));
    expect(object.spec).not.toHaveProperty('replicas');
  });

  it('[D4] are sent as they stand where Fairway alone owns them, for leaving them out would delete them', () => {
    const object = leavingIgnored(wanted(['/spec/replicas']), live(deployment(7), owning('fairway', replicas)));
    expect(object.spec).toMatchObject({ replicas: 7 });
    const dropped = wanted(['/spec/replicas'], deployment(undefined));
    expect(leavingIgnored(dropped, live(deployment(7), owning('fairway', replicas))).spec).toMatchObject({
      replicas: 7,
    });
  });

  it('[D4] are found in keyed lists, wherever the live item stands', () => {
    const model = wanted(['/spec/template/spec/containers/0/image']);
    const found = deployment(2);
    found.spec = {
      template: {
        spec: {
          containers: [
            { name: 'sidecar', image: 'x' },
            { name: 'web', image: '9' },
          ],
        },
      },
    };
    const image = { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } };
    const fields = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': image } } } };
    const containers = [{ name: 'web', image: '9' }];
    expect(leavingIgnored(model, live(found, owning('fairway', fields))).spec).toMatchObject({
      template: { spec: { containers } },
    });
    expect(leavingIgnored(model, live(found, owning('updater', fields))).spec).toEqual({
      replicas: 2,
      template: { spec: { containers: [{ name: 'web' }] } },
    });
  });

  it('[D4] keep of a whole map the members that Fairway owns', () => {
    const model = wanted(['/metadata/annotations']);
    const found = deployment(2);
    found.metadata.annotations = { ours: '1', theirs: '2' };
    const fields = { 'f:metadata': { 'f:annotations': { '.': {}, 'f:ours': {} } } };
    expect(leavingIgnored(model, live(found, owning('fairway', fields))).metadata.annotations).toEqual({ ours: '1' });
  });

  it('[D4] change nothing where there are none', () => {
    const model = wantedObject(deployment(2), 'shop', true, 'shop', []);
    expect(leavingIgnored(model, live(deployment(7)))).toBe(model.object);
  });
});
