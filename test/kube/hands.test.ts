import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { KubeClient } from '../../agent/kube/client.ts';
import { type KubeObject, ownerLabel } from '../../core/objects/object.ts';
import { type Bench, configMap, containersOf, deployment, isApplied, startBench } from '../contract/engine-harness.ts';
import { until } from '../until.ts';
import { type KubeCluster, startKubeCluster } from './harness/cluster.ts';
import { describeKube } from './harness/describe.ts';
import { kubeFor } from './harness/kube.ts';

/** What people do to a cluster by hand, with the tool that they do it with. */
describeKube('what kubectl does to a managed object', () => {
  let cluster: KubeCluster;
  let kube: KubeClient;
  let bench: Bench;
  let count = 0;
  let space = '';

  /** Runs a bundle in a namespace of its own until it is applied. */
  const run = async (...objects: KubeObject[]) => {
    await newSpace();
    for (const object of objects) if (object.metadata.namespace !== undefined) object.metadata.namespace = space;
    await runHere({}, ...objects);
  };
  const newSpace = async () => {
    count += 1;
    space = `hands-${count}`;
    await cluster.kubectl(['create', 'namespace', space]);
  };
  const runHere = async (options: Parameters<typeof startBench>[1], ...objects: KubeObject[]) => {
    const none = () => Promise.reject(new Error('kubectl is the hand of others here'));
    bench = startBench({ kube, edit: none, put: none, remove: none, setStatus: none }, options);
    await change(...objects);
  };
  const change = async (...objects: KubeObject[]) => {
    const before = bench.events.length;
    bench.run({ namespace: space, application: space, objects });
    await until(() => bench.events.slice(before).some(({ detail }) => detail.type === 'applied'), {
      what: 'it is applied',
      describe: () => JSON.stringify(bench.status(space)),
    });
    await bench.reach('it stands', isApplied, space);
  };
  const kubectl = (...args: string[]) => cluster.kubectl(['-n', space, ...args]);
  const patchJson = (kind: string, name: string, patch: readonly object[]) =>
    kubectl('patch', kind, name, '--type=json', '-p', JSON.stringify(patch));
  /** As an editor that somebody works in: the program changes the file, and kubectl sends what has changed. */
  const edit = async (what: string, scripts: readonly string[]) => {
    process.env.KUBE_EDITOR = `sed -i -E ${scripts.map((script) => `-e '${script}'`).join(' ')}`;
    try {
      await kubectl('edit', what);
    } finally {
      delete process.env.KUBE_EDITOR;
    }
  };
  const get = async (what: string) => JSON.parse(await kubectl('get', what, '-o', 'json')) as KubeObject;
  const data = async (name = 'a') => (await get(`configmap/${name}`)).data as Record<string, string>;
  const web = async () => (await get('deployment/web')).spec as { replicas: number };
  const container = async () => containersOf(await get('deployment/web')).find(({ name }) => name === 'main');
  /** Told after the correction: outcome, field and manager. */
  const drifts = async () => {
    await bench.reach('nothing has drifted', ({ counts }) => counts.drifted === 0, space);
    return bench.details('drift').map(({ outcome, drift }) => [outcome, drift.field, drift.manager]);
  };
  const corrected = (what: string, is: () => Promise<boolean>) => until(is, { what });
  /** Another drift is found and corrected: what came before it was seen too. */
  const settle = async () => {
    await kubectl('patch', 'configmap', 'mark', '-p', '{"data":{"a":"changed"}}');
    await corrected('what came later is corrected', async () => (await data('mark')).a === 'b');
  };

  beforeAll(async () => {
    cluster = await startKubeCluster({ name: 'hands' });
    kube = await kubeFor(cluster);
  });
  afterEach(() => bench.stop());
  afterAll(async () => {
    await kube.close();
    await cluster.stop();
  });

  it('[D3] scale: the replicas are put back', async () => {
    await run(deployment('web', space));
    await kubectl('scale', 'deployment', 'web', '--replicas=9');
    await corrected('the replicas are put back', async () => (await web()).replicas === 2);
    expect(await drifts()).toMatchObject([['corrected', '/spec/replicas', expect.anything()]]);
  });

  it('[D3] set image: the image is put back, and kubectl named', async () => {
    await run(deployment('web', space));
    await kubectl('set', 'image', 'deployment/web', 'main=example/app:evil');
    await corrected('the image is put back', async () => (await container())?.image === 'example/app:1');
    expect(await drifts()).toEqual([['corrected', '/spec/template/spec/containers/0/image', 'kubectl-set']]);
  });

  it('[D3] edit: every field that was changed in the editor is put back, and told', async () => {
    await run(deployment('web', space));
    await edit('deployment/web', [
      's|image: .*|image: example/app:evil|',
      's|value: calm|value: wild|',
      's|^( *)replicas: 2|\\1replicas: 5|',
    ]);
    await corrected('the last of it is put back', async () => (await web()).replicas === 2);
    expect((await container())?.image).toBe('example/app:1');
    expect((await drifts()).sort()).toEqual([
      ['corrected', '/spec/replicas', 'kubectl-edit'],
      ['corrected', '/spec/template/spec/containers/0/env/0/value', 'kubectl-edit'],
      ['corrected', '/spec/template/spec/containers/0/image', 'kubectl-edit'],
    ]);
  });

  it('[D1] edit: keys of a ConfigMap that were taken out come back, and others stay', async () => {
    await run(configMap('a', { one: '1', two: '2' }));
    await edit('configmap/a', ['/^  one:/d', 's/^data:/data:\\n  three: "3"/']);
    await corrected('the key is back', async () => (await data()).one === '1');
    expect(await data()).toEqual({ one: '1', two: '2', three: '3' });
    expect(await drifts()).toEqual([['corrected', '/data/one', 'unknown']]);
  });

  it('[D1] label: labels of the bundle come back, the owner\u2019s too, and others stay', async () => {
    const labelled = configMap('a', { one: '1' });
    labelled.metadata.labels = { tier: 'front', team: 'shop' };
    await run(labelled);
    await kubectl('label', 'configmap', 'a', 'tier-', 'team=other', 'extra=mine', '--overwrite');
    const labels = async () => (await get('configmap/a')).metadata.labels;
    await corrected('the labels are put back', async () => (await labels())?.team === 'shop');
    await kubectl('label', 'configmap', 'a', `${ownerLabel}-`);
    await corrected('its own label is back', async () => (await labels())?.[ownerLabel] === space);
    expect(await labels()).toEqual({ tier: 'front', team: 'shop', extra: 'mine', [ownerLabel]: space });
  });

  it('[D2] what the API server fills in is no drift, and a node port that the bundle sets is put back', async () => {
    const service = (name: string, nodePort?: number): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: {
        type: 'NodePort',
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 'http', ...(nodePort === undefined ? {} : { nodePort }) }],
      },
    });
    await run(service('any'), service('fixed', 30_080));
    const port = async (name: string) =>
      ((await get(`service/${name}`)).spec as { ports: { nodePort: number }[] }).ports[0]?.nodePort;
    const patch = (name: string, nodePort: number) =>
      kubectl(
        'patch',
        'service',
        name,
        '--type=json',
        '-p',
        JSON.stringify([{ op: 'replace', path: '/spec/ports/0/nodePort', value: nodePort }]),
      );
    await patch('any', 30_500);
    await patch('fixed', 30_501);
    await corrected('the port is put back', async () => (await port('fixed')) === 30_080);
    expect(await port('any')).toBe(30_500);
    expect(await drifts()).toEqual([['corrected', '/spec/ports/0/nodePort', 'kubectl-patch']]);
  });

  it('[D2] what is added beside the bundle stays: containers, variables, annotations, in whatever order', async () => {
    const ordered = deployment('web', space);
    Object.assign(containersOf(ordered)[0] ?? {}, {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
    });
    await run(ordered, configMap('mark', { a: 'b' }));
    const before = bench.writes();
    await kubectl('set', 'env', 'deployment/web', 'EXTRA=mine');
    await kubectl('rollout', 'restart', 'deployment/web');
    await kubectl('annotate', 'deployment', 'web', 'note=mine');
    const path = '/spec/template/spec/containers';
    await patchJson('deployment', 'web', [
      { op: 'add', path: `${path}/0`, value: { name: 'sidecar', image: 'example/sidecar:1' } },
      {
        op: 'replace',
        path: `${path}/1/env`,
        value: [
          { name: 'B', value: '2' },
          { name: 'EXTRA', value: 'mine' },
          { name: 'A', value: '1' },
        ],
      },
    ]);
    await settle();
    expect(bench.writes()).toBe(before + 1);
    const [sidecar, main] = containersOf(await get('deployment/web')) as { name: string; env?: { name: string }[] }[];
    expect([sidecar?.name, main?.env?.map(({ name }) => name)]).toEqual(['sidecar', ['B', 'EXTRA', 'A']]);
    expect((await drifts()).filter(([, field]) => field !== '/data/a')).toEqual([]);
  });

  it('[D2] a list that the API server replaces whole is put back whole', async () => {
    const tolerant = deployment('web', space);
    Object.assign(podOf(tolerant), { tolerations: [{ key: 'a', operator: 'Exists' }] });
    await run(tolerant);
    const path = '/spec/template/spec/tolerations';
    await patchJson('deployment', 'web', [{ op: 'add', path: `${path}/0`, value: { key: 'b', operator: 'Exists' } }]);
    const tolerations = async () =>
      (podOf(await get('deployment/web')) as { tolerations: { key: string }[] }).tolerations;
    await corrected('the list is put back', async () => (await tolerations()).length === 1);
    expect(await drifts()).toEqual([['corrected', path, 'kubectl-patch']]);
  });

  it('[D1] replace: an object that was written over is the bundle\u2019s again', async () => {
    await run(deployment('web', space));
    const other = { ...deployment('web', space, 'example/other:9') };
    Object.assign(other.spec as object, { replicas: 1 });
    await cluster.kubectl(['-n', space, 'replace', '-f', '-'], JSON.stringify(other));
    await corrected('the image is put back', async () => (await container())?.image === 'example/app:1');
    expect((await web()).replicas).toBe(2);
    expect((await get('deployment/web')).metadata.labels?.[ownerLabel]).toBe(space);
  });

  it('[D3] apply: an old manifest loses, once, and nobody writes after that', async () => {
    await run(deployment('web', space), configMap('mark', { a: 'b' }));
    await cluster.kubectl(
      ['-n', space, 'apply', '-f', '-'],
      JSON.stringify(deployment('web', space, 'example/app:old')),
    );
    await corrected('the image is put back', async () => (await container())?.image === 'example/app:1');
    const before = bench.writes();
    await settle();
    expect(bench.writes()).toBe(before + 1);
    expect((await drifts())[0]).toEqual([
      'corrected',
      '/spec/template/spec/containers/0/image',
      'kubectl-client-side-apply',
    ]);
  });

  it('[D2] what the API server spells in its own way is written once, however often it is compared', async () => {
    const spelled = deployment('web', space);
    Object.assign(containersOf(spelled)[0] ?? {}, {
      env: [
        { name: 'EMPTY', value: '' },
        { name: 'PORT', value: '80' },
      ],
      resources: { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: 0.5, memory: '1e8' } },
      ports: [{ containerPort: 80 }],
      args: [],
      securityContext: {},
    });
    Object.assign(podOf(spelled), { nodeSelector: {}, hostNetwork: false });
    const secret: KubeObject = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { wrapped: 'aGVsbG8g\nd29ybGQ=\n' },
      stringData: { plain: 'text' },
    };
    const lists: string[] = [];
    const counting: KubeClient = {
      ...kube,
      list: (resource, options) => {
        lists.push(options.labelSelector ?? '');
        return kube.list(resource, options);
      },
    };
    await run(spelled, secret, budget());
    await bench.stop();
    await runHere({ kube: counting, limits: { comparison: 200 } }, spelled, secret, budget());
    const before = bench.writes();
    lists.length = 0;
    await until(() => lists.filter((selector) => selector === `${ownerLabel}=${space}`).length >= 30, {
      what: 'each of three kinds is compared ten times',
    });
    expect(bench.writes()).toBe(before);
    expect(await drifts()).toEqual([]);
  });

  it('[A4] a field that kubectl apply put there and the bundle dropped goes', async () => {
    const manifest = () => {
      const mine = deployment('web', space);
      const env = ['A', 'B'].map((name) => ({ name, value: '1' }));
      Object.assign(containersOf(mine)[0] ?? {}, { env });
      return mine;
    };
    await newSpace();
    const settings = (values: Record<string, string>) => configMap('a', values, space);
    for (const object of [settings({ one: '1', two: '2' }), manifest()])
      await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(object));
    await runHere({}, settings({ one: '1', two: '2' }), manifest());
    const less = manifest();
    Object.assign(containersOf(less)[0] ?? {}, { env: [{ name: 'A', value: '1' }] });
    await change(settings({ one: '1' }), less);
    expect(await data()).toEqual({ one: '1' });
    expect(((await container()) as { env?: unknown }).env).toEqual([{ name: 'A', value: '1' }]);
    const before = bench.writes();
    expect(await drifts()).toEqual([]);
    expect(bench.writes()).toBe(before);
  });
});

function podOf(object: KubeObject): object {
  return (object.spec as { template: { spec: object } }).template.spec;
}

function budget(): KubeObject {
  return {
    apiVersion: 'policy/v1beta1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
  };
}
