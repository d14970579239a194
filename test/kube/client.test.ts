import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKube, type KubeClient } from '../../agent/kube/client.ts';
import { serviceAccountCredentials } from '../../agent/kube/credentials.ts';
import { followKind } from '../../agent/kube/follow.ts';
import { kubeconfigCredentials } from '../../agent/kube/kubeconfig.ts';
import type { Resource, WatchEvent } from '../../agent/kube/port.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { type KubeCluster, startKubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';
import { kubeFor } from './harness/kube.ts';
import { startCuttableProxy } from './harness/proxy.ts';

const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const deployments: Resource = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
const namespaces: Resource = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
const deadline = { timeout: 60_000, interval: 50 };

const configMap = (namespace: string, name: string, data: Record<string, unknown> = {}, labels = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels },
  data,
});
const deployment = (namespace: string, name: string, replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'example/app:1' }] } },
  },
});

describeKube('the client and a real API server', () => {
  let cluster: KubeCluster;
  let kube: KubeClient;
  let count = 0;
  const folder = mkdtempSync(join(tmpdir(), 'fairway-client-'));
  const freshNamespace = async () => {
    count += 1;
    const name = `test-${count}`;
    await kube.apply(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {});
    return name;
  };

  beforeAll(async () => {
    cluster = await startKubeCluster({ name: 'client' });
    kube = await kubeFor(cluster);
  });
  afterAll(async () => {
    await kube?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe('discovery', () => {
    it('says the version, and finds kinds by group and version', async () => {
      expect(await kube.version()).toMatch(/^v1\.\d+/);
      expect(await kube.resourceOf('', 'ConfigMap', 'v1')).toEqual(configMaps);
      expect(await kube.resourceOf('apps', 'Deployment', 'v1')).toEqual(deployments);
      expect(await kube.resourceOf('apps', 'Nonsense')).toBeNull();
      expect(await kube.resourceOf('nonsense.example.com', 'Widget')).toBeNull();
      const kinds = (await kube.resources()).map(({ group, kind }) => `${group}/${kind}`);
      expect(kinds).toEqual(expect.arrayContaining(['/Secret', 'apps/Deployment', 'rbac.authorization.k8s.io/Role']));
      expect(new Set(kinds).size).toBe(kinds.length);
    });

    it('finds a kind once its CRD is created, and sees when it is gone', async () => {
      const crds = await kube.resourceOf('apiextensions.k8s.io', 'CustomResourceDefinition');
      if (crds === null) throw new Error('CRDs are not served');
      expect(await kube.resourceOf('client.example.com', 'Gadget')).toBeNull();
      await kube.apply(crds, gadgetDefinition, {});
      await vi.waitFor(
        async () => expect(await kube.resourceOf('client.example.com', 'Gadget')).not.toBeNull(),
        deadline,
      );
      const gadgets = await kube.resourceOf('client.example.com', 'Gadget', 'v1');
      if (gadgets === null) throw new Error('the kind is not served');
      expect(gadgets).toMatchObject({ plural: 'gadgets', namespaced: false });
      await vi.waitFor(async () => expect((await kube.list(gadgets, {})).items).toEqual([]), deadline);
      await kube.delete(crds, { namespace: '', name: 'gadgets.client.example.com' });
      await vi.waitFor(() => expect(kube.list(gadgets, {})).rejects.toMatchObject({ code: 'not-found' }), deadline);
      await vi.waitFor(async () => expect(await kube.resourceOf('client.example.com', 'Gadget')).toBeNull(), deadline);
    });

    it('goes on beside an API service that is broken', async () => {
      const services = await kube.resourceOf('apiregistration.k8s.io', 'APIService');
      if (services === null) throw new Error('API services are not served');
      const name = 'v1.broken.example.com';
      const spec = {
        group: 'broken.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: 'default', name: 'nobody' },
      };
      // Not by server-side apply: the aggregator of Kubernetes 1.20 knows none.
      const service = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name }, spec };
      await cluster.kubectl(['create', '-f', '-'], JSON.stringify(service));
      const other = await kubeFor(cluster);
      await vi.waitFor(
        () => expect(other.resourceOf('broken.example.com', 'Thing')).rejects.toMatchObject({ code: 'unavailable' }),
        deadline,
      );
      expect((await other.resources()).length).toBeGreaterThan(20);
      await other.close();
      await kube.delete(services, { namespace: '', name });
    });
  });

  describe('apply', () => {
    it('[A3] tells created from changed, and writes nothing where nothing differs', async () => {
      const namespace = await freshNamespace();
      const first = await kube.apply(configMaps, configMap(namespace, 'a', { x: '1' }), {});
      expect(first.created).toBe(true);
      const same = await kube.apply(configMaps, configMap(namespace, 'a', { x: '1' }), {});
      expect(same).toMatchObject({ created: false });
      expect(same.object.metadata.resourceVersion).toBe(first.object.metadata.resourceVersion);
      const changed = await kube.apply(configMaps, configMap(namespace, 'a', { y: '2' }), {});
      expect(changed.object.data).toEqual({ y: '2' });
      expect(changed.object.metadata.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([
        ['fairway', 'Apply'],
      ]);
    });

    it('[A1] leaves nothing after a dry run', async () => {
      const namespace = await freshNamespace();
      const { created, object } = await kube.apply(configMaps, configMap(namespace, 'a', { x: '1' }), { dryRun: true });
      expect([created, object.data]).toEqual([true, { x: '1' }]);
      expect(await kube.get(configMaps, { namespace, name: 'a' })).toBeNull();
    });

    it("[A4] names another manager's field as a conflict, and takes it over where it is told to", async () => {
      const namespace = await freshNamespace();
      await kube.apply(deployments, deployment(namespace, 'web', 1), {});
      const other = JSON.stringify(deployment(namespace, 'web', 3));
      await cluster.kubectl(
        ['apply', '--server-side', '--force-conflicts', '--field-manager=scaler', '-f', '-'],
        other,
      );
      await expect(kube.apply(deployments, deployment(namespace, 'web', 1), {})).rejects.toMatchObject({
        code: 'conflict',
        status: 409,
        object: { group: 'apps', kind: 'Deployment', namespace, name: 'web' },
        causes: [
          { reason: 'FieldManagerConflict', field: '.spec.replicas', message: expect.stringContaining('scaler') },
        ],
      });
      const { object } = await kube.apply(deployments, deployment(namespace, 'web', 1), { force: true });
      expect(object.spec).toMatchObject({ replicas: 1 });
    });

    it('[X4] names the field of an object that the schema or validation refuses', async () => {
      const namespace = await freshNamespace();
      await expect(
        kube.apply(configMaps, configMap(namespace, 'a', { x: { not: 'a text' } }), {}),
      ).rejects.toMatchObject({
        code: 'invalid',
        causes: [{ field: '.data.x' }],
      });
      await expect(kube.apply(configMaps, { ...configMap(namespace, 'a'), dta: {} }, {})).rejects.toMatchObject({
        code: 'invalid',
        causes: [{ field: '.dta' }],
      });
      await expect(kube.apply(deployments, deployment(namespace, 'web', -1), {})).rejects.toMatchObject({
        code: 'invalid',
        status: 422,
        causes: [{ reason: 'FieldValueInvalid', field: 'spec.replicas' }],
      });
      await expect(kube.apply(configMaps, configMap('nowhere', 'a'), {})).rejects.toMatchObject({ code: 'not-found' });
      const large = configMap(namespace, 'a', { x: 'x'.repeat(4_000_000) });
      await expect(kube.apply(configMaps, large, {})).rejects.toMatchObject({ code: 'too-large' });
      expect((await kube.list(configMaps, { namespace, labelSelector: 'a=b' })).items).toEqual([]);
    });

    it("[A11] shows no Secret's value in an error", async () => {
      const namespace = await freshNamespace();
      const secrets: Resource = { ...configMaps, kind: 'Secret', plural: 'secrets' };
      for (const data of [
        { data: { x: 'hunter2!' } },
        { data: { x: { hunter2: 1 } } },
        { stringData: { x: ['hunter2'] } },
      ]) {
        const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace }, ...data };
        const error = await kube.apply(secrets, object, {}).catch((thrown) => thrown);
        expect(error).toMatchObject({ code: 'invalid' });
        expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('hunter2');
      }
    });

    it('[A10] acts with the rights of the service account that it impersonates', async () => {
      const namespace = await freshNamespace();
      const as = `system:serviceaccount:${namespace}:deployer`;
      await expect(kube.apply(configMaps, configMap(namespace, 'a'), { as })).rejects.toMatchObject({
        code: 'forbidden',
        status: 403,
        message: expect.stringContaining(as),
      });
      await cluster.kubectl([
        'create',
        'role',
        'maps',
        '--verb=create,patch,get',
        '--resource=configmaps',
        '-n',
        namespace,
      ]);
      await cluster.kubectl([
        'create',
        'rolebinding',
        'maps',
        '--role=maps',
        `--serviceaccount=${namespace}:deployer`,
        '-n',
        namespace,
      ]);
      await vi.waitFor(() => kube.apply(configMaps, configMap(namespace, 'a'), { as }), deadline);
      await expect(kube.delete(configMaps, { namespace, name: 'a' }, { as })).rejects.toMatchObject({
        code: 'forbidden',
      });
    });
  });

  describe('lists and deletions', () => {
    it('lists more than a page, all of it or only its metadata', async () => {
      const namespace = await freshNamespace();
      const names = Array.from({ length: 1_203 }, (_, n) => `m-${String(n).padStart(4, '0')}`);
      await Promise.all(
        names.map((name) => kube.apply(configMaps, configMap(namespace, name, { x: name }, { set: 'big' }), {})),
      );
      const whole = await kube.list(configMaps, { namespace, labelSelector: 'set=big' });
      expect(whole.items.map(({ metadata }) => metadata.name).sort()).toEqual(names);
      expect(whole.items[700]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { x: expect.any(String) } });
      const cut = await kube.list(configMaps, { labelSelector: 'set=big', metadataOnly: true });
      expect(cut.items).toHaveLength(names.length);
      expect(Object.keys(cut.items[0] ?? {}).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
      expect(cut.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { labels: { set: 'big' } } });
    });

    it('deletes what it means, and nothing that took its name', async () => {
      const namespace = await freshNamespace();
      const { object } = await kube.apply(configMaps, configMap(namespace, 'a'), {});
      const name = { namespace, name: 'a' };
      const uid = object.metadata.uid ?? '';
      await expect(
        kube.delete(configMaps, name, { uid: '00000000-0000-0000-0000-000000000000' }),
      ).rejects.toMatchObject({ code: 'conflict' });
      expect(await kube.get(configMaps, name)).not.toBeNull();
      expect(await kube.delete(configMaps, name, { uid })).toBe(true);
      expect(await kube.delete(configMaps, name, { uid })).toBe(false);
    });
  });

  describe('watches', () => {
    it('tells what happens after a version, to the selected, until it is called off', async () => {
      const namespace = await freshNamespace();
      const { resourceVersion } = await kube.list(configMaps, { namespace });
      const stop = new AbortController();
      const seen: string[] = [];
      const watch = kube.watch(configMaps, { resourceVersion, labelSelector: 'w=1', signal: stop.signal }, (event) => {
        if (event.type !== 'bookmark') seen.push(`${event.type} ${event.object.kind} ${event.object.metadata.name}`);
      });
      await kube.apply(configMaps, configMap(namespace, 'a', {}, { w: '1' }), {});
      await kube.apply(configMaps, configMap(namespace, 'ignored'), {});
      await kube.apply(configMaps, configMap(namespace, 'a', { ž: '1' }, { w: '1' }), {}).catch(() => undefined);
      await kube.apply(configMaps, configMap(namespace, 'a', { x: 'žluť' }, { w: '1' }), {});
      await kube.delete(configMaps, { namespace, name: 'a' });
      await vi.waitFor(
        () => expect(seen).toEqual(['added ConfigMap a', 'modified ConfigMap a', 'deleted ConfigMap a']),
        deadline,
      );
      stop.abort();
      await watch;
    });

    it('says that a version is too old', async () => {
      const namespace = await freshNamespace();
      const { object } = await kube.apply(configMaps, configMap(namespace, 'old'), {});
      for (const value of ['1', '2', '3']) await kube.apply(configMaps, configMap(namespace, 'old', { value }), {});
      await cluster.restart(); // It forgets what led to the present.
      const fresh = await kubeFor(cluster);
      const watch = fresh.watch(
        configMaps,
        { resourceVersion: object.metadata.resourceVersion ?? '', signal: AbortSignal.timeout(30_000) },
        () => undefined,
      );
      await expect(watch).rejects.toMatchObject({ code: 'gone', status: 410 });
      await fresh.close();
    });

    it('loses nothing though its connection is cut again and again, and the server restarts', async () => {
      const namespace = await freshNamespace();
      const proxy = await startCuttableProxy(Number(new URL(cluster.url).port));
      const config = join(folder, 'through-proxy');
      writeFileSync(config, cluster.kubeconfig.replace(cluster.url, `https://127.0.0.1:${proxy.port}`));
      const follower = createKube(await kubeconfigCredentials(config));
      const world = new Map<string, unknown>();
      const tell = (event: WatchEvent) => {
        if (event.type === 'bookmark') return;
        if (event.type === 'deleted') world.delete(event.object.metadata.name);
        else world.set(event.object.metadata.name, event.object.data);
      };
      const stop = new AbortController();
      let snapshots = 0;
      const followed = followKind(
        follower,
        configMaps,
        { labelSelector: `in=${namespace}` },
        {
          onSnapshot(objects) {
            snapshots += 1;
            world.clear();
            for (const object of objects) world.set(object.metadata.name, object.data);
          },
          onEvent: tell,
          onError: () => undefined,
        },
        stop.signal,
      );
      const labels = { in: namespace };
      for (let n = 0; n < 30; n += 1) {
        await kube.apply(configMaps, configMap(namespace, `m-${n % 10}`, { n: String(n) }, labels), {});
        if (n % 7 === 3) await kube.delete(configMaps, { namespace, name: `m-${n % 10}` });
        if (n % 5 === 4) proxy.cut();
        if (n === 15) await cluster.restart();
      }
      const wanted = (await kube.list(configMaps, { namespace, labelSelector: `in=${namespace}` })).items;
      await vi.waitFor(
        () =>
          expect(new Map([...world].sort())).toEqual(
            new Map(wanted.map((object) => [object.metadata.name, object.data])),
          ),
        deadline,
      );
      expect(snapshots).toBeGreaterThan(0);
      stop.abort();
      await followed;
      await follower.close();
      await proxy.stop();
    });

    it('leaves room for calls however many watches stand', async () => {
      const stop = new AbortController();
      const { resourceVersion } = await kube.list(configMaps, {});
      const watches = Array.from({ length: 40 }, () =>
        kube.watch(configMaps, { resourceVersion, signal: stop.signal }, () => undefined),
      );
      await Promise.all(Array.from({ length: 40 }, () => kube.version()));
      stop.abort();
      await Promise.all(watches);
    });
  });

  describe('credentials', () => {
    it('of a Pod: its token, read again as it rotates', async () => {
      const account = join(folder, 'account');
      mkdirSync(account);
      const write = (token: string) => writeFileSync(join(account, 'token'), `${token}\n`);
      write('not a token');
      writeFileSync(join(account, 'ca.crt'), cluster.keys.ca);
      writeFileSync(join(account, 'namespace'), 'fairway-system');
      await cluster.kubectl(['create', 'serviceaccount', 'agent', '-n', 'default']);
      const requested = await cluster.kubectl(
        ['create', '--raw=/api/v1/namespaces/default/serviceaccounts/agent/token', '-f', '-'],
        JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }),
      );
      const { host, hostname, port } = new URL(cluster.url);
      expect(host).toBe(`${hostname}:${port}`);
      const credentials = await serviceAccountCredentials({ host: hostname, port, folder: account });
      expect(credentials.namespace).toBe('fairway-system');
      const agent = createKube(credentials);
      write((JSON.parse(requested) as { status: { token: string } }).status.token);
      // The first token is refused, so that the file is read again; the account may do nothing, and is told so by name.
      await expect(agent.list(configMaps, {})).rejects.toMatchObject({
        status: 403,
        message: expect.stringContaining('system:serviceaccount:default:agent'),
      });
      await agent.close();
    });

    it('refuses a server whose certificate another authority signed', async () => {
      const config = join(folder, 'wrong-authority');
      const ca = Buffer.from(cluster.keys.server.certificate).toString('base64');
      writeFileSync(config, cluster.kubeconfig.replace(/("certificate-authority-data": )"[^"]+"/, `$1"${ca}"`));
      const wrong = createKube(await kubeconfigCredentials(config));
      await expect(wrong.version()).rejects.toMatchObject({ code: 'unavailable', status: 0 });
      await wrong.close();
    });
  });
});

const gadgetDefinition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.client.example.com' },
  spec: {
    group: 'client.example.com',
    scope: 'Cluster',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
          },
        },
      },
    ],
  },
};
