import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wantedObject } from '../apply/desired.ts';
import { type KubeObject, type ManagedFields, ownerLabel } from '../objects/object.ts';
import { leavingIgnored } from './ignored.ts';

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

  const pods = (...containers: object[]) => ({ ...deployment(2), spec: { template: { spec: { containers } } } });
  const list = '/spec/template/spec/containers';
  const ownsContainers = (items: Record<string, unknown>) => ({
    'f:spec': { 'f:template': { 'f:spec': { 'f:containers': items } } },
  });
  const web = { name: 'web', image: '1' };
  const proxy = { name: 'proxy', image: '9', args: ['-v'] };

  it('[D4] are items of lists by their keys: sent where Fairway owns them, and left where it does not', () => {
    const model = wanted([`${list}[name=proxy]`], pods(web, { name: 'proxy', image: '1' }));
    const found = pods({ ...web, image: '8' }, proxy);
    const mine = { 'k:{"name":"proxy"}': { '.': {}, 'f:name': {}, 'f:image': {} } };
    expect(leavingIgnored(model, live(found, owning('fairway', ownsContainers(mine)))).spec).toEqual(
      pods(web, { name: 'proxy', image: '9' }).spec,
    );
    expect(leavingIgnored(model, live(found, owning('injector', ownsContainers(mine)))).spec).toEqual(pods(web).spec);
  });

  it('[D4] are a field of every item', () => {
    const model = wanted([`${list}/*/image`], pods(web, { name: 'proxy', image: '1' }));
    const theirs = { 'k:{"name":"web"}': { 'f:image': {} }, 'k:{"name":"proxy"}': { 'f:image': {} } };
    const found = live(pods({ ...web, image: '8' }, proxy), owning('updater', ownsContainers(theirs)));
    expect(leavingIgnored(model, found).spec).toEqual(pods({ name: 'web' }, { name: 'proxy' }).spec);
  });

  it('[D4] keep an item that the bundle does not have, where Fairway once wrote it, and drop it with its rule', () => {
    const mine = { 'k:{"name":"proxy"}': { '.': {}, 'f:name': {}, 'f:image': {} } };
    const found = live(pods(web, proxy), owning('fairway', ownsContainers(mine)));
    expect(leavingIgnored(wanted([`${list}[name=proxy]`], pods(web)), found).spec).toEqual(
      pods(web, { name: 'proxy', image: '9' }).spec,
    );
    expect(leavingIgnored(wanted([`${list}/*/image`], pods(web)), found).spec).toMatchObject(
      pods({ name: 'web' }).spec,
    );
  });

  it('[D4] keep their places in a list that is replaced whole', () => {
    const tolerating = (...keys: string[]) => ({
      ...deployment(2),
      spec: { template: { spec: { tolerations: keys.map((key) => ({ key })) } } },
    });
    const model = wanted(['/spec/template/spec/tolerations[key=theirs]'], tolerating('a', 'b', 'c'));
    const owns = { 'f:spec': { 'f:template': { 'f:spec': { 'f:tolerations': {} } } } };
    const found = live(tolerating('x', 'theirs', 'y'), owning('somebody', owns));
    expect(leavingIgnored(model, found).spec).toEqual(tolerating('a', 'theirs', 'b', 'c').spec);
  });

  it("[A12] never take the owner's label with them", () => {
    for (const field of ['/metadata', '/metadata/labels', '/metadata/labels/*']) {
      const sent = leavingIgnored(wanted([field]), live(deployment(2), owning('kubectl', {})));
      expect(sent.metadata, field).toEqual({ name: 'web', namespace: 'shop', labels: { [ownerLabel]: 'shop' } });
    }
  });

  const json = fc.jsonValue({ maxDepth: 3 });
  it('[D4] leave an object as it is wanted in all that no rule names', () => {
    fc.assert(
      fc.property(json, json, (mine, theirs) => {
        const model = wanted(['/nothing/of/it'], { ...deployment(2), data: mine });
        expect(leavingIgnored(model, live({ ...deployment(3), data: theirs }, owning('a', {})))).toEqual(model.object);
      }),
    );
  });

  it('[D4] change nothing where there are none', () => {
    const model = wantedObject(deployment(2), 'shop', true, 'shop', []);
    expect(leavingIgnored(model, live(deployment(7)))).toBe(model.object);
  });
});
