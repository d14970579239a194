import { expect, it, vi } from 'vitest';
import { describeOnBoth } from './both.ts';

const soon = { timeout: 60_000, interval: 100 };
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const gadgets = (plural: string, spec: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.core.example.com` },
  spec: {
    group: 'core.example.com',
    scope: 'Namespaced',
    names: { plural, kind: 'Gadget', shortNames: ['gd'] },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    ...spec,
  },
});

describeOnBoth('custom resource definitions', {}, (server) => {
  it('are established, and their kind is served until they are gone', async () => {
    const { status, body } = await server.call('POST', definitions, { body: gadgets('gadgets') });
    expect(status).toBe(201);
    expect(body.spec).toMatchObject({
      names: { singular: 'gadget', listKind: 'GadgetList' },
      conversion: { strategy: 'None' },
    });
    const path = `${definitions}/gadgets.core.example.com`;
    await vi.waitFor(async () => {
      const { body: now } = await server.call('GET', path);
      const states = now.status.conditions.map(
        (condition: { type: string; status: string }) => `${condition.type} ${condition.status}`,
      );
      expect(states).toEqual(expect.arrayContaining(['NamesAccepted True', 'Established True']));
      expect(now.status).toMatchObject({ acceptedNames: { kind: 'Gadget' }, storedVersions: ['v1'] });
    }, soon);
    await vi.waitFor(async () => {
      const { body: served } = await server.call('GET', '/apis/core.example.com/v1');
      expect(served.resources[0]).toMatchObject({
        name: 'gadgets',
        singularName: 'gadget',
        kind: 'Gadget',
        namespaced: true,
        shortNames: ['gd'],
      });
      const list = await server.call('GET', '/apis/core.example.com/v1/gadgets');
      expect(list).toMatchObject({
        status: 200,
        body: { kind: 'GadgetList', apiVersion: 'core.example.com/v1', items: [] },
      });
    }, soon);
    await server.call('DELETE', path);
    await vi.waitFor(
      async () => expect((await server.call('GET', '/apis/core.example.com/v1')).status).toBe(404),
      soon,
    );
  });

  it('are refused by name of the field', async () => {
    const causes = async (body: object) => {
      const answer = await server.call('POST', definitions, { body });
      expect(answer).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
      return answer.body.details.causes.map(
        ({ reason, field }: { reason: string; field: string }) => `${reason} ${field}`,
      );
    };
    expect(await causes({ ...gadgets('gadgets'), metadata: { name: 'wrong' } })).toContain(
      'FieldValueInvalid metadata.name',
    );
    expect(await causes(gadgets('gadgets', { scope: 'Galaxy' }))).toContain('FieldValueNotSupported spec.scope');
    const versions = [{ name: 'v1', served: true, storage: true }];
    expect(await causes(gadgets('gadgets', { versions }))).toContain(
      'FieldValueRequired spec.versions[0].schema.openAPIV3Schema',
    );
    const none = [{ name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } }];
    expect(await causes(gadgets('gadgets', { versions: none }))).toContain('FieldValueInvalid spec.versions');
  });
});
