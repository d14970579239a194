import { expect, it, vi } from 'vitest';
import type { WatchLine } from './both.ts';
import { describeOnBoth } from './both.ts';
import { configMap, deployment, deploymentPath, mapPath } from './objects.ts';

const soon = { timeout: 30_000, interval: 50 };

describeOnBoth('discovery', {}, (server) => {
  it('tells its version, and that it is well, to anybody', async () => {
    const { body } = await server.call('GET', '/version');
    expect(body).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/) });
    expect(await server.call('GET', '/readyz')).toMatchObject({ status: 200, body: 'ok' });
  });

  it('lists groups, versions and resources, subresources among them', async () => {
    const { body: core } = await server.call('GET', '/api');
    expect(core).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { body: groups } = await server.call('GET', '/apis');
    expect(groups.groups.find(({ name }: { name: string }) => name === 'apps')).toMatchObject({
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    });
    const { body: list } = await server.call('GET', '/apis/apps/v1');
    expect(list).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
    const named = (name: string) => list.resources.find((resource: { name: string }) => resource.name === name);
    expect(named('deployments')).toMatchObject({ kind: 'Deployment', namespaced: true, shortNames: ['deploy'] });
    expect(named('deployments').verbs).toEqual(
      expect.arrayContaining(['get', 'list', 'watch', 'patch', 'deletecollection']),
    );
    expect(named('deployments/scale')).toMatchObject({ kind: 'Scale', group: 'autoscaling', version: 'v1' });
  });

  it('does not find what it does not serve', async () => {
    const { status, body } = await server.call('GET', '/apis/nonsense.example.com/v1/widgets');
    expect(status).toBe(404);
    if (typeof body === 'object') expect(body).toMatchObject({ kind: 'Status', reason: 'NotFound' });
    expect((await server.call('GET', '/apis/apps/v9')).status).toBe(404);
  });

  it('refuses who cannot say who they are', async () => {
    const answer = await server.callUnknown('GET', '/api/v1/namespaces', {
      headers: { authorization: 'Bearer nonsense' },
    });
    expect(answer).toMatchObject({ status: 401, body: { kind: 'Status', reason: 'Unauthorized', code: 401 } });
  });
});

describeOnBoth('lists', {}, (server) => {
  it('pages through a list as it was at its first page', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await server.call('POST', path, { body: configMap(namespace, name) });
    const first = (await server.call('GET', `${path}?limit=2`)).body;
    expect(first).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { remainingItemCount: 3 } });
    expect(first.items[0].kind).toBeUndefined();
    await server.call('DELETE', mapPath(namespace, 'c'));
    await server.call('POST', path, { body: configMap(namespace, 'bb') });
    const names = first.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    let token = first.metadata.continue;
    while (token) {
      const page = (await server.call('GET', `${path}?limit=2&continue=${encodeURIComponent(token)}`)).body;
      names.push(...page.items.map((item: { metadata: { name: string } }) => item.metadata.name));
      expect(page.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      token = page.metadata.continue;
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await server.call('GET', `${path}?limit=2&continue=nonsense`)).toMatchObject({ status: 400 });
  });

  it('selects by labels and by fields', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace);
    const make = (name: string, labels: object) =>
      server.call('POST', path, { body: configMap(namespace, name, {}, { labels }) });
    await make('a', { env: 'dev', tier: 'web' });
    await make('b', { env: 'prod' });
    await make('c', {});
    const names = async (query: string) => {
      const { body } = await server.call('GET', `${path}?${query}`);
      return body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    };
    expect(await names('labelSelector=env%3Ddev')).toEqual(['a']);
    expect(await names('labelSelector=env+in+(dev,prod),!tier')).toEqual(['b']);
    expect(await names('labelSelector=env')).toEqual(['a', 'b']);
    expect(await names('labelSelector=env!%3Ddev')).toEqual(expect.arrayContaining(['b', 'c']));
    expect(await names('fieldSelector=metadata.name%3Dc')).toEqual(['c']);
    expect(await server.call('GET', `${path}?labelSelector=a+nonsense`)).toMatchObject({
      status: 400,
      body: { reason: 'BadRequest' },
    });
    expect(await server.call('GET', `${path}?fieldSelector=data.a%3D1`)).toMatchObject({
      status: 400,
      body: { reason: 'BadRequest' },
    });
  });

  it('shows metadata alone, and tables', async () => {
    const namespace = await server.namespace();
    await server.call('POST', deploymentPath(namespace), { body: deployment(namespace, 'web', { replicas: 2 }) });
    const metadata = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
    const cut = (await server.call('GET', deploymentPath(namespace), { accept: metadata })).body;
    expect(cut).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(Object.keys(cut.items[0]).filter((key) => key === 'spec')).toEqual([]);
    const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const table = (await server.call('GET', deploymentPath(namespace), { accept: asTable })).body;
    expect(table).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    const columns = table.columnDefinitions.filter(({ priority }: { priority: number }) => priority === 0);
    expect(columns.map(({ name }: { name: string }) => name)).toEqual([
      'Name',
      'Ready',
      'Up-to-date',
      'Available',
      'Age',
    ]);
    expect(table.rows[0]).toMatchObject({
      cells: expect.arrayContaining(['web']),
      object: { kind: 'PartialObjectMetadata' },
    });
  });
});

describeOnBoth('watches', {}, (server) => {
  it('tells what happened after a version, to the selected, and says how far it came before it ends', async () => {
    const namespace = await server.namespace();
    const path = mapPath(namespace);
    const { resourceVersion } = (await server.call('GET', path)).body.metadata;
    const labels = { labels: { w: '1' } };
    await server.call('POST', path, { body: configMap(namespace, 'a', {}, labels) });
    const seen: string[] = [];
    const query = `watch=true&resourceVersion=${resourceVersion}&labelSelector=w%3D1&allowWatchBookmarks=true&timeoutSeconds=6`;
    const watch = server.watch(`${path}?${query}`, ({ type, object }) => {
      if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata.name}`);
    });
    await vi.waitFor(() => expect(seen).toEqual(['ADDED a']), soon);
    await server.call('POST', path, { body: configMap(namespace, 'other') });
    const merge = { type: 'application/merge-patch+json' };
    await server.call('PATCH', mapPath(namespace, 'a'), { body: { data: { b: '2' } }, ...merge });
    await server.call('PATCH', mapPath(namespace, 'a'), { body: { metadata: { labels: { w: null } } }, ...merge });
    await server.call('PATCH', mapPath(namespace, 'a'), { body: { metadata: { labels: { w: '1' } } }, ...merge });
    await server.call('DELETE', mapPath(namespace, 'a'));
    const lines = await watch;
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED a', 'DELETED a']);
    const last = lines.at(-1);
    expect(last).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1' } });
    expect(Number(last?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(versionOf(lines.at(-2)));
  });

  it('begins with all there is where no version is given', async () => {
    const namespace = await server.namespace();
    await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    const lines = await server.watch(
      `${mapPath(namespace)}?watch=true&timeoutSeconds=1&fieldSelector=metadata.name%3Da`,
    );
    expect(lines.map(({ type, object }) => [type, object.metadata.name])).toEqual([['ADDED', 'a']]);
  });

  it('says 410 where a version is too old', async () => {
    const namespace = await server.namespace();
    const { body } = await server.call('POST', mapPath(namespace), { body: configMap(namespace, 'a') });
    const { resourceVersion } = body.metadata;
    const merge = { type: 'application/merge-patch+json' };
    for (const a of ['2', '3', '4'])
      await server.call('PATCH', mapPath(namespace, 'a'), { body: { data: { a } }, ...merge });
    await server.restart(); // It forgets what led to the present.
    const [first] = await server.watch(
      `/api/v1/configmaps?watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=5`,
    );
    const message = expect.stringContaining(`too old resource version: ${resourceVersion}`);
    expect(first).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message } });
    expect(await server.call('GET', mapPath(namespace, 'a'))).toMatchObject({
      status: 200,
      body: { data: { a: '4' } },
    });
  });
});

function versionOf(line: WatchLine | undefined): number {
  return Number(line?.object.metadata.resourceVersion);
}
