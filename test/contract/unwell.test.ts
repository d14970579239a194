import { describe, expect, it } from 'vitest';
import type { Kube } from '../../agent/kube/port.ts';
import type { Bundle } from '../../core/bundle.ts';
import { type KubeObject, refOf } from '../../core/objects/object.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { until } from '../until.ts';
import { bundleOf, configMap, deployment, isApplied, startBench } from './engine-harness.ts';

/** Applications that never get well, in each of the ways that there are. */
const ailments = ['failing', 'invalid', 'waiting', 'unserved'] as const;
type Ailment = (typeof ailments)[number];

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

function wellBundle(name: string): Bundle {
  return bundleOf(name, [configMap('settings', { a: '1' }), deployment('web', name)], { namespace: name });
}

function illBundle(name: string, ailment: Ailment): Bundle {
  const web = deployment('web', name);
  const more: Record<Ailment, KubeObject[]> = {
    failing: [configMap('settings', { a: '1' })],
    invalid: [configMap('settings', { a: 1 })],
    waiting: [{ ...configMap('later', {}), metadata: { name: 'later', annotations: { 'fairway.dev/wave': '1' } } }],
    unserved: [{ apiVersion: 'example.com/v1', kind: 'Unheard', metadata: { name: 'of' } }],
  };
  return bundleOf(name, [web, ...more[ailment]], { namespace: name });
}

/** A cluster whose Deployments stand as soon as they are written in what is well, and fail for good elsewhere. */
function openCluster(applications: readonly string[]) {
  const cluster = createMemoryCluster({ namespaces: applications });
  /** Of each namespace, the calls that the agent has made for it. */
  const calls = new Map<string, string[]>();
  const note = (namespace: string, call: string) => calls.set(namespace, [...(calls.get(namespace) ?? []), call]);
  const kube: Kube = {
    ...cluster.kube,
    get: (resource, name, options) => {
      note(name.namespace, `get ${resource.kind}`);
      return cluster.kube.get(resource, name, options);
    },
    list: (resource, options) => {
      if (options.namespace !== undefined) note(options.namespace, `list ${resource.kind}`);
      return cluster.kube.list(resource, options);
    },
    apply: async (resource, object, options) => {
      const namespace = object.metadata.namespace ?? '';
      note(namespace, `${options.dryRun === true ? 'try' : 'apply'} ${object.kind}`);
      const result = await cluster.kube.apply(resource, object, options);
      if (object.kind === 'Deployment' && options.dryRun !== true) await play(result.object);
      return result;
    },
  };
  const play = (object: KubeObject) =>
    cluster.setStatus(refOf(object), () =>
      object.metadata.namespace?.startsWith('well') === true ? standing : failing('it made no progress'),
    );
  return { ...cluster, kube, calls };
}

const standing = { observedGeneration: 9, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const failing = (message: string) => ({
  observedGeneration: 9,
  conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }],
});

async function converge(well: readonly string[], ill: readonly string[]) {
  const cluster = openCluster(['well-known', ...ill, ...well]);
  const bench = startBench(cluster);
  // The first of all has to wait until its kinds have been read, whoever it is.
  const first = wellBundle('well-known');
  bench.assign({ bundle: first, assignment: { generation: 1 } });
  await bench.reach('the first is applied', isApplied, 'well-known');
  const illnesses = ill.map((name, index) => ({ name, ailment: ailments[index % ailments.length] as Ailment }));
  const bundles = [first, ...illnesses.map(({ name, ailment }) => illBundle(name, ailment)), ...well.map(wellBundle)];
  bench.assign(...bundles.map((bundle) => ({ bundle, assignment: { generation: 1 } })));
  const isWell = (name: string) => {
    const status = bench.status(name);
    return status !== undefined && isApplied(status) && status.health === 'healthy';
  };
  let round = 0;
  await until(
    async () => {
      // Those that fail go on telling of it, which is to be nobody's work.
      round += 1;
      for (const object of cluster
        .objects()
        .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace?.startsWith('ill')))
        await cluster.setStatus(refOf(object), () => failing(`attempt ${round}`));
      return well.every(isWell);
    },
    { what: 'all that can be is well', within: 120_000, every: 200 },
  );
  return { bench, cluster, bundles };
}

describe('applications that never get well', () => {
  it('[A9] a hundred of them take nothing from the nine hundred others', { timeout: 240_000 }, async () => {
    const well = names('well', 900);
    const ill = names('ill', 100);
    const alone = await converge(well, []);
    const among = await converge(well, ill);

    // What is asked and written for an application is the same, whoever else is there.
    for (const name of well) expect(among.cluster.calls.get(name), name).toEqual(alone.cluster.calls.get(name));
    const each = new Set(well.map((name) => among.cluster.calls.get(name)?.length ?? 0));
    expect(each.size).toBe(1);

    // Those that are ill came first in the queue, and were given up for the time being after a few calls each.
    const spent = ill.map((name) => among.cluster.calls.get(name)?.length ?? 0);
    expect(Math.max(...spent)).toBeLessThanOrEqual(10 * Math.max(...each));
    for (const name of ill) expect(among.bench.status(name)?.health, name).not.toBe('healthy');

    // With all of them waiting for something, every worker is free.
    const bundle = bundleOf('well-0', [configMap('settings', { a: '2' }), deployment('web', 'well-0')], {
      namespace: 'well-0',
    });
    const others = among.bundles.filter(({ application }) => application !== 'well-0');
    among.bench.assign(...[...others, bundle].map((each) => ({ bundle: each, assignment: { generation: 1 } })));
    await until(
      () =>
        among.cluster
          .objects()
          .some(
            ({ metadata, data }) =>
              metadata.namespace === 'well-0' && data !== undefined && JSON.stringify(data) === '{"a":"2"}',
          ),
      { what: 'a change of one of the others is applied' },
    );
    await Promise.all([alone.bench.stop(), among.bench.stop()]);
  });

  it('[A9] what they tell of themselves starts no work', async () => {
    const { bench, cluster } = await converge([], ['ill-0']);
    await bench.reach(
      'it has failed to stand',
      ({ health, phase }) => health === 'degraded' && phase === 'applied',
      'ill-0',
    );
    const before = cluster.calls.get('ill-0')?.length;
    const web = cluster.objects().find(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === 'ill-0');
    if (web === undefined) throw new Error('it has no Deployment');
    for (let attempt = 0; attempt < 500; attempt++)
      await cluster.setStatus(refOf(web), () => failing(`told ${attempt}`));
    await bench.reach('the last of it is told', ({ message }) => message.includes('told 499'), 'ill-0');
    expect(cluster.calls.get('ill-0')?.length).toBe(before);
    await bench.stop();
  });
});
