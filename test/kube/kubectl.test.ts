import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { KubeClient } from '../../agent/kube/client.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { type Bench, configMap, deployment, isApplied, startBench } from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { type KubeCluster, startKubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';
import { kubeFor } from './harness/kube.ts';

describeKube('the engine beside kubectl', () => {
  let cluster: KubeCluster;
  let kube: KubeClient;
  let bench: Bench;
  let count = 0;
  let space = '';

  const fresh = async () => {
    count += 1;
    space = `kubectl-${count}`;
    await cluster.kubectl(['create', 'namespace', space]);
    const none = () => Promise.reject(new Error('kubectl is the hand of others here'));
    bench = startBench({ kube, edit: none, put: none, setStatus: none, remove: none });
    return { namespace: space, application: space };
  };
  const get = async (what: string, path: string) =>
    (await cluster.kubectl(['-n', space, 'get', what, '-o', `jsonpath={${path}}`])).trim();
  const apply = (object: KubeObject) => cluster.kubectl(['-n', space, 'apply', '-f', '-'], JSON.stringify(object));

  beforeAll(async () => {
    cluster = await startKubeCluster({ name: 'kubectl' });
    kube = await kubeFor(cluster);
  });
  afterEach(() => bench.stop());
  afterAll(async () => {
    await kube.close();
    await cluster.stop();
  });

  it('[D3] puts back what kubectl patch has changed, and names it', async () => {
    const own = await fresh();
    bench.run({ ...own, objects: [deployment('web', space)] });
    await bench.reach('it is applied', isApplied, space);
    const patch = '{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"example/app:evil"}]}}}}';
    await cluster.kubectl(['-n', space, 'patch', 'deployment', 'web', '-p', patch]);
    const image = '.spec.template.spec.containers[0].image';
    await until(async () => (await get('deployment/web', image)) === 'example/app:1', {
      what: 'the image is put back',
    });
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')[0]).toMatchObject({
      outcome: 'corrected',
      drift: {
        object: { group: 'apps', kind: 'Deployment', namespace: space, name: 'web' },
        field: '/spec/template/spec/containers/0/image',
        wanted: '"example/app:1"',
        found: '"example/app:evil"',
        manager: 'kubectl-patch',
      },
    });
  });

  it('[D3] puts back what kubectl scale has changed, whoever the server says it was', async () => {
    const own = await fresh();
    bench.run({ ...own, objects: [deployment('web', space)] });
    await bench.reach('it is applied', isApplied, space);
    await cluster.kubectl(['-n', space, 'scale', 'deployment', 'web', '--replicas=9']);
    await until(async () => (await get('deployment/web', '.spec.replicas')) === '2', { what: 'the scale is put back' });
    await until(() => bench.details('drift').length > 0, { what: 'the correction is told' });
    expect(bench.details('drift')).toMatchObject([{ drift: { field: '/spec/replicas', wanted: '2', found: '9' } }]);
  });

  it('[A4] takes over what kubectl apply has put there, and writes no more after that', async () => {
    const own = await fresh();
    await apply(configMap('a', { one: 'theirs', two: 'also theirs' }));
    await apply({ ...deployment('web', space), metadata: { name: 'web' } });
    bench.run({ ...own, objects: [configMap('a', { one: 'ours' }), deployment('web', space, 'example/app:2')] });
    await bench.reach('it is applied', isApplied, space);
    expect(await get('configmap/a', '.data.one')).toBe('ours');
    expect(await get('deployment/web', '.spec.template.spec.containers[0].image')).toBe('example/app:2');
    expect(bench.writes()).toBe(2);
    expect(bench.details('drift')).toEqual([]);
  });

  it('[A1] names the field of an object that the API server refuses', async () => {
    const own = await fresh();
    const web = deployment('web', space);
    (web.spec as { selector: unknown }).selector = { matchLabels: { app: 'another' } };
    bench.run({ ...own, objects: [configMap('a', { one: '1' }), web] });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
    expect(status.problems).toMatchObject([
      { code: 'invalid', object: { kind: 'Deployment', name: 'web' }, field: '/spec/template/metadata/labels' },
    ]);
    expect(status.message).toContain('selector');
    expect(bench.writes()).toBe(0);
    expect(await cluster.kubectl(['-n', space, 'get', 'configmap', 'a', '--ignore-not-found'])).toBe('');
  });

  it('[A1] names a field that its kind does not have', async () => {
    const own = await fresh();
    const web = deployment('web', space);
    Object.assign(web.spec as object, { replicsa: 3 });
    bench.run({ ...own, objects: [web] });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
    expect(status.problems).toMatchObject([{ code: 'invalid', field: '/spec/replicsa' }]);
  });

  it('[A11] tells nothing of a Secret that the API server refuses but the field', async () => {
    const own = await fresh();
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { good: 'aGk=', password: 'not base64: hunter2' },
    };
    bench.run({ ...own, objects: [secret] });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
    expect(status.problems).toMatchObject([{ code: 'invalid', object: { kind: 'Secret', name: 's' } }]);
    expect(JSON.stringify([bench.reports, bench.events])).not.toContain('hunter2');
  });

  it('[A10] writes as the service account of the tenant, and may do no more than it', async () => {
    const own = await fresh();
    await cluster.kubectl(['-n', space, 'create', 'serviceaccount', 'deployer']);
    const bounds = {
      name: 'storefront',
      namespaces: [space],
      allow: ['*'],
      deny: [],
      serviceAccount: `${space}/deployer`,
    };
    const objects = [configMap('a', { one: '1' })];
    bench.run({ ...own, objects }, { tenant: bounds });
    const status = await bench.reach('it has failed', ({ phase }) => phase === 'failed', space);
    expect(status.problems).toMatchObject([{ code: 'forbidden', object: { name: 'a' } }]);
    expect(status.message).toContain('deployer');
    const role = ['create', 'role', 'deploy', '--verb=get,create,patch', '--resource=configmaps'];
    const binding = ['create', 'rolebinding', 'deploy', '--role=deploy', `--serviceaccount=${space}:deployer`];
    for (const create of [role, binding]) await cluster.kubectl(['-n', space, ...create]);
    await bench.reach('it is applied', isApplied, space);
    expect(await get('configmap/a', '.data.one')).toBe('1');
  });

  it('[A7] keeps a namespace that holds claims', async () => {
    const own = await fresh();
    const inner = `${space}-inner`;
    const claim: KubeObject = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'disk', namespace: inner },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const rest = ['a', 'b', 'c', 'd'].map((name) => configMap(name, {}));
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: inner } };
    bench.run({ ...own, objects: [namespace, claim, ...rest] });
    await bench.reach('it is applied', isApplied, space);
    bench.run({ ...own, objects: rest });
    const status = await bench.reach('the second is applied', (now) => isApplied(now) && now.generation === 2, space);
    expect(
      status.problems
        .filter(({ code }) => code === 'kept')
        .map(({ object }) => object.kind)
        .sort(),
    ).toEqual(['Namespace', 'PersistentVolumeClaim']);
    expect(await cluster.kubectl(['get', 'namespace', inner, '-o', 'jsonpath={.status.phase}'])).toBe('Active');
  });

  it('survives a restart of the API server', async () => {
    const own = await fresh();
    bench.run({ ...own, objects: [configMap('a', { one: '1' })] });
    await bench.reach('it is applied', isApplied, space);
    await cluster.restart();
    await cluster.kubectl(['-n', space, 'patch', 'configmap', 'a', '-p', '{"data":{"one":"changed"}}']);
    await until(async () => (await get('configmap/a', '.data.one')) === '1', { what: 'the field is put back' });
    expect(bench.status(space)?.phase).toBe('applied');
  });
});
