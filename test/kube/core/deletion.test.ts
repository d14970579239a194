import { expect, it, vi } from 'vitest';
import { describeOnBoth } from './both.ts';
import { configMap, deployment, deploymentPath, mapPath } from './objects.ts';

const soon = { timeout: 60_000, interval: 100 };

describeOnBoth('deletions', { controllers: true }, (server) => {
  const merge = { type: 'application/merge-patch+json' };
  const make = async (namespace: string, name: string, metadata: object = {}) =>
    (await server.call('POST', mapPath(namespace), { body: configMap(namespace, name, {}, metadata) })).body;
  const owned = (owner: { metadata: { name: string; uid: string } }, blockOwnerDeletion = false) => {
    const { name, uid } = owner.metadata;
    return { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion }] };
  };
  const isGone = async (namespace: string, name: string) =>
    (await server.call('GET', mapPath(namespace, name))).status === 404;
  const remove = (namespace: string, name: string, options: object = {}) =>
    server.call('DELETE', mapPath(namespace, name), { body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options } });

  it('says what is gone, and keeps what is not what was meant', async () => {
    const namespace = await server.namespace();
    const { metadata } = await make(namespace, 'a');
    const wrong = await remove(namespace, 'a', { preconditions: { uid: '00000000-0000-0000-0000-000000000000' } });
    expect(wrong).toMatchObject({
      status: 409,
      body: {
        reason: 'Conflict',
        message: expect.stringContaining(
          'the UID in the precondition (00000000-0000-0000-0000-000000000000) does not match',
        ),
      },
    });
    const dry = await remove(namespace, 'a', { dryRun: ['All'] });
    expect([dry.status, await isGone(namespace, 'a')]).toEqual([200, false]);
    const { body } = await remove(namespace, 'a', { preconditions: { uid: metadata.uid } });
    expect(body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
    });
    expect(await remove(namespace, 'a')).toMatchObject({ status: 404, body: { reason: 'NotFound' } });
  });

  it('waits for finalizers', async () => {
    const namespace = await server.namespace();
    await make(namespace, 'a', { finalizers: ['example.com/hold'] });
    const { status, body } = await remove(namespace, 'a');
    expect([status, body.kind, typeof body.metadata.deletionTimestamp]).toEqual([200, 'ConfigMap', 'string']);
    const kept = await server.call('PATCH', mapPath(namespace, 'a'), { body: { data: { still: 'here' } }, ...merge });
    expect(kept.body).toMatchObject({ data: { still: 'here' } });
    await server.call('PATCH', mapPath(namespace, 'a'), { body: { metadata: { finalizers: null } }, ...merge });
    expect(await isGone(namespace, 'a')).toBe(true);
  });

  it('takes with it, in the background, what was owned by nobody else', async () => {
    const namespace = await server.namespace();
    const owner = await make(namespace, 'owner');
    const other = await make(namespace, 'other');
    await make(namespace, 'dependent', owned(owner));
    const both = [...owned(owner).ownerReferences, ...owned(other).ownerReferences];
    await make(namespace, 'shared', { ownerReferences: both });
    await remove(namespace, 'owner', { propagationPolicy: 'Background' });
    expect(await isGone(namespace, 'owner')).toBe(true);
    await vi.waitFor(async () => expect(await isGone(namespace, 'dependent')).toBe(true), soon);
    expect(await isGone(namespace, 'shared')).toBe(false);
  });

  it('goes after what it owns, in the foreground', async () => {
    const namespace = await server.namespace();
    const owner = await make(namespace, 'owner');
    await make(namespace, 'dependent', { ...owned(owner, true), finalizers: ['example.com/hold'] });
    // The collector must have seen who owns whom before the owner goes.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { body } = await remove(namespace, 'owner', { propagationPolicy: 'Foreground' });
    expect(body.metadata.finalizers).toEqual(['foregroundDeletion']);
    await vi.waitFor(async () => {
      const dependent = await server.call('GET', mapPath(namespace, 'dependent'));
      expect(dependent.body.metadata.deletionTimestamp).toBeDefined();
    }, soon);
    expect(await isGone(namespace, 'owner')).toBe(false);
    await server.call('PATCH', mapPath(namespace, 'dependent'), { body: { metadata: { finalizers: null } }, ...merge });
    await vi.waitFor(async () => expect(await isGone(namespace, 'owner')).toBe(true), soon);
  });

  it('leaves orphans where it is told to', async () => {
    const namespace = await server.namespace();
    const owner = await make(namespace, 'owner');
    await make(namespace, 'dependent', owned(owner));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await remove(namespace, 'owner', { propagationPolicy: 'Orphan' });
    await vi.waitFor(async () => expect(await isGone(namespace, 'owner')).toBe(true), soon);
    const { body } = await server.call('GET', mapPath(namespace, 'dependent'));
    expect(body.metadata.ownerReferences ?? []).toEqual([]);
  });

  it('empties a namespace, which takes nothing new meanwhile, and is held by what is held in it', async () => {
    const namespace = await server.namespace();
    await make(namespace, 'held', { finalizers: ['example.com/hold'] });
    await make(namespace, 'free');
    const path = `/api/v1/namespaces/${namespace}`;
    const { body } = await server.call('DELETE', path);
    expect(body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    await vi.waitFor(async () => expect(await isGone(namespace, 'free')).toBe(true), soon);
    expect(await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'late') })).toMatchObject({
      status: 403,
      body: {
        reason: 'Forbidden',
        message: `configmaps "late" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
        details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
      },
    });
    expect((await server.call('GET', path)).body.metadata.deletionTimestamp).toBeDefined();
    await server.call('PATCH', mapPath(namespace, 'held'), { body: { metadata: { finalizers: null } }, ...merge });
    await vi.waitFor(async () => expect((await server.call('GET', path)).status).toBe(404), soon);
  });

  it('keeps the namespaces that every cluster has', async () => {
    expect(await server.call('DELETE', '/api/v1/namespaces/default')).toMatchObject({
      status: 403,
      body: { reason: 'Forbidden', message: 'namespaces "default" is forbidden: this namespace may not be deleted' },
    });
  });

  it('deletes a collection by a selector', async () => {
    const namespace = await server.namespace();
    await make(namespace, 'a', { labels: { x: '1' } });
    await make(namespace, 'b', { labels: { x: '1' } });
    await make(namespace, 'c');
    await server.call('DELETE', `${mapPath(namespace)}?labelSelector=x%3D1`);
    expect([await isGone(namespace, 'a'), await isGone(namespace, 'b'), await isGone(namespace, 'c')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('tells of a Deployment what its controller has seen', async () => {
    const namespace = await server.namespace();
    await server.call('POST', deploymentPath(namespace), { body: deployment(namespace, 'web', { replicas: 0 }) });
    await vi.waitFor(async () => {
      const { body } = await server.call('GET', deploymentPath(namespace, 'web'));
      expect(body.status.observedGeneration).toBe(1);
      const progress = body.status.conditions.find(({ type }: { type: string }) => type === 'Progressing');
      expect(progress).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
      const available = body.status.conditions.find(({ type }: { type: string }) => type === 'Available');
      expect(available).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    }, soon);
  });
});
