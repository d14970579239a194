import { expect, it } from 'vitest';
import { describeOnBoth } from './both.ts';
import { apply, configMap, deployment, deploymentPath, mapPath, ownersOf } from './objects.ts';

describeOnBoth('server-side apply', {}, (server) => {
  const merge = { type: 'application/merge-patch+json' };

  it('creates, then changes nothing where nothing differs', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace, 'a');
    const first = await apply(server, path, 'one', configMap(namespace, 'a'));
    expect(first).toMatchObject({ status: 201, body: { data: { a: '1' } } });
    expect(ownersOf(first.body)).toEqual({ 'one Apply': { 'f:data': { 'f:a': {} } } });
    const again = await apply(server, path, 'one', configMap(namespace, 'a'));
    expect(again.status).toBe(200);
    expect(again.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  it("takes away what an applier stops applying, and leaves what is another's", async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace, 'a');
    await apply(server, path, 'one', configMap(namespace, 'a', { a: '1', b: '2', c: '3' }));
    await apply(server, path, 'two', configMap(namespace, 'a', { b: '2' }));
    await server.call('PATCH', `${path}?fieldManager=hand`, { body: { data: { d: '4' } }, ...merge });
    const { body } = await apply(server, path, 'one', configMap(namespace, 'a', { a: '1' }));
    expect(body.data).toEqual({ a: '1', b: '2', d: '4' });
    expect(ownersOf(body)).toEqual({
      'one Apply': { 'f:data': { 'f:a': {} } },
      'two Apply': { 'f:data': { 'f:b': {} } },
      'hand Update': { 'f:data': { 'f:d': {} } },
    });
  });

  it('names each field of another manager as a conflict, and takes them over where it is told to', async () => {
    const namespace = await server.namespace();
    const path = deploymentPath(namespace, 'web');
    await apply(server, path, 'one', deployment(namespace, 'web', { replicas: 1 }));
    const other = deployment(namespace, 'web', { replicas: 3 });
    const single = await apply(server, path, 'two', other);
    expect(single).toMatchObject({
      status: 409,
      body: {
        kind: 'Status',
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "one": .spec.replicas',
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.replicas' }],
        },
      },
    });
    const changed = structuredClone(other) as never as {
      spec: { template: { spec: { containers: { image: string }[] } } };
    };
    changed.spec.template.spec.containers[0] = { ...changed.spec.template.spec.containers[0], image: 'example/app:2' };
    const double = await apply(server, path, 'two', changed);
    expect(double.body.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.replicas\n- .spec.template.spec.containers[name="main"].image',
    );
    const forced = await apply(server, path, 'two', other, '&force=true');
    expect(forced.body.spec.replicas).toBe(3);
    expect(ownersOf(forced.body)['one Apply']).not.toHaveProperty(['f:spec', 'f:replicas']);
    expect(ownersOf(forced.body)['two Apply']).toHaveProperty(['f:spec', 'f:replicas']);
  });

  it('tells who updated a field and when, where that is the conflict', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace, 'a');
    await server.call('POST', `${mapPath(namespace)}?fieldManager=hand`, { body: configMap(namespace, 'a') });
    const { status, body } = await apply(server, path, 'one', configMap(namespace, 'a', { a: '2' }));
    expect(status).toBe(409);
    expect(body.message).toMatch(/^Apply failed with 1 conflict: conflict with "hand" using v1( at \S+Z)?: \.data\.a$/);
  });

  it('merges lists by their keys, with the default of one that is left out', async () => {
    const namespace = await server.namespace();
    const path = deploymentPath(namespace, 'web');
    const withPorts = (containers: object[]) =>
      deployment(namespace, 'web', {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
      });
    await apply(
      server,
      path,
      'one',
      withPorts([{ name: 'main', image: 'a:1', ports: [{ containerPort: 80, name: 'http' }] }]),
    );
    const { body } = await apply(
      server,
      path,
      'two',
      withPorts([
        { name: 'side', image: 'b:1' },
        { name: 'main', ports: [{ containerPort: 81, name: 'more' }] },
      ]),
    );
    const { containers } = body.spec.template.spec;
    expect(containers.map(({ name }: { name: string }) => name).sort()).toEqual(['main', 'side']);
    const main = containers.find(({ name }: { name: string }) => name === 'main');
    expect(main.ports.map((port: { containerPort: number }) => port.containerPort).sort()).toEqual([80, 81]);
    const without = await apply(server, path, 'two', withPorts([{ name: 'main' }]));
    expect(without.body.spec.template.spec.containers).toHaveLength(1);
    expect(without.body.spec.template.spec.containers[0].ports).toEqual([
      { containerPort: 80, name: 'http', protocol: 'TCP' },
    ]);
    const fields = JSON.stringify(ownersOf(without.body)['one Apply']);
    expect(fields).toContain(JSON.stringify('k:{"containerPort":80,"protocol":"TCP"}'));
  });

  it('leaves nothing after a dry run', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace, 'a');
    const dry = await apply(server, path, 'one', configMap(namespace, 'a'), '&dryRun=All');
    expect(dry).toMatchObject({ status: 201, body: { data: { a: '1' } } });
    expect((await server.call('GET', path)).status).toBe(404);
    const { body } = await apply(server, path, 'one', configMap(namespace, 'a'));
    const changed = await apply(server, path, 'one', configMap(namespace, 'a', { a: '2' }), '&dryRun=All');
    expect(changed.body).toMatchObject({
      data: { a: '2' },
      metadata: { resourceVersion: body.metadata.resourceVersion },
    });
    expect((await server.call('GET', path)).body.data).toEqual({ a: '1' });
  });

  it('refuses fields that there are none of, and values of another type, by name', async () => {
    const namespace = await server.namespace();
    const words = async (path: string, object: object) => {
      const { status, body } = await apply(server, path, 'one', object);
      expect(status).toBeGreaterThanOrEqual(400);
      return body.message as string;
    };
    const map = configMap(namespace, 'a');
    expect(await words(mapPath(namespace, 'a'), { ...map, dta: {} })).toMatch(
      /^failed to create typed patch object.*: \.dta: field not declared in schema$/,
    );
    expect(await words(mapPath(namespace, 'a'), { ...map, data: { x: { y: 1 } } })).toMatch(
      /\.data\.x: expected string, got/,
    );
    const wrong = deployment(namespace, 'web', { replicas: 'three' });
    expect(await words(deploymentPath(namespace, 'web'), wrong)).toMatch(/\.spec\.replicas: expected numeric/);
    const managed = { ...map, metadata: { ...map.metadata, managedFields: [{ manager: 'x' }] } };
    expect(await words(mapPath(namespace, 'a'), managed)).toContain('metadata.managedFields must be nil');
  });

  it('asks for a manager, a namespace that is there, and the version that was read', async () => {
    const namespace = await server.namespace();
    const type = 'application/apply-patch+yaml';
    const nobody = await server.call('PATCH', mapPath(namespace, 'a'), { body: configMap(namespace, 'a'), type });
    expect(nobody.status).toBeGreaterThanOrEqual(400);
    expect(nobody.body.message).toContain('is required for apply patch');
    const nowhere = await apply(server, mapPath('nowhere', 'a'), 'one', configMap('nowhere', 'a'));
    expect(nowhere).toMatchObject({
      status: 404,
      body: { message: 'namespaces "nowhere" not found', details: { kind: 'namespaces' } },
    });
    await apply(server, mapPath(namespace, 'a'), 'one', configMap(namespace, 'a'));
    const stale = configMap(namespace, 'a', { a: '2' }, { resourceVersion: '1' });
    expect(await apply(server, mapPath(namespace, 'a'), 'one', stale)).toMatchObject({
      status: 409,
      body: { reason: 'Conflict' },
    });
  });

  it('writes the status through its own door alone', async () => {
    const namespace = await server.namespace();
    const path = deploymentPath(namespace, 'web');
    const object = { ...deployment(namespace, 'web'), status: { replicas: 7 } };
    expect(
      (await server.call('POST', deploymentPath(namespace), { body: object })).body.status.replicas,
    ).toBeUndefined();
    const status = {
      status: { observedGeneration: 1, conditions: [{ type: 'Own', status: 'True' }] },
      spec: { replicas: 9 },
    };
    const { body } = await server.call('PATCH', `${path}/status`, { body: status, ...merge });
    expect(body).toMatchObject({
      spec: { replicas: 1 },
      status: { conditions: [{ type: 'Own' }] },
      metadata: { generation: 1 },
    });
  });
});
