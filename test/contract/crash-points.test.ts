import { expect, it } from 'vitest';
import { type ApplyOptions, type Kube, KubeError, type Resource } from '../../agent/kube/port.ts';
import type { State } from '../../agent/state/port.ts';
import { decodeInventory } from '../../core/apply/inventory.ts';
import type { Bundle } from '../../core/bundle.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { type KubeObject, ownerLabel, refKey, refOf } from '../../core/objects/object.ts';
import { createMemoryCluster, type MemoryCluster } from '../memory/cluster.ts';
import { createMemoryState } from '../memory/state.ts';
import { mortal } from '../mortal.ts';
import { until } from '../until.ts';
import { bundleOf, configMap, ended, isApplied, job, namespaceObject, startBench } from './engine-harness.ts';

/** An agent that is killed at each of its writes in turn, to its state and to its cluster, before it and after it. */

const inner = 'inner';
const waved = (object: KubeObject, wave: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, 'fairway.dev/wave': wave } },
});
const report = (image: string): KubeObject => {
  const made = job('report', inner, { 'fairway.dev/replace': 'allowed' });
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } };
  return { ...made, spec };
};
const hooks = [
  job('migrate', inner, { 'fairway.dev/hook': 'pre' }),
  job('tidy', inner, { 'fairway.dev/hook': 'pre', 'fairway.dev/hook-delete': 'on-success' }),
  job('smoke', inner, { 'fairway.dev/hook': 'post' }),
];

/** What is changed, added, replaced, pruned and run on the way from the one to the other. */
const first = bundleOf('shop', [
  namespaceObject(inner),
  ...hooks,
  ...['a', 'b', 'c'].map((name) => configMap(name, { of: 'first' }, inner)),
  configMap('gone', {}, inner),
  report('example/report:1'),
  waved(configMap('late', { of: 'first' }, inner), '1'),
]);
const second = bundleOf('shop', [
  namespaceObject(inner),
  ...hooks,
  configMap('a', { of: 'second' }, inner),
  ...['b', 'c'].map((name) => configMap(name, { of: 'first' }, inner)),
  configMap('new', {}, inner),
  report('example/report:2'),
  waved(configMap('late', { of: 'second' }, inner), '1'),
]);

/** Where a process ends: at which of its writes, and whether that is still carried out. */
interface CrashPoint {
  readonly write: number;
  readonly when: 'before' | 'after';
}

/** A cluster and a disk that outlive the agents on them. */
function createWorld() {
  const cluster = createMemoryCluster();
  const records = new Map<string, Uint8Array>();
  const bundles = new Map<string, Bundle>();
  const created: string[] = [];
  const deleted: string[] = [];
  const kube = recording(withImmutableJobs(cluster), created, deleted);

  /** The Job controller: whatever runs is done at once. */
  const runJobs = async () => {
    for (const object of cluster.objects())
      if (object.kind === 'Job' && object.status === undefined)
        await cluster.setStatus(refOf(object), ended('Complete'));
  };

  /** A process that goes from the first bundle, where it is not past that, to the second. */
  const live = async (crash: CrashPoint | null, from: readonly Bundle[]) => {
    let writes = 0;
    let dead = false;
    const isDead = () => dead;
    const write = async <T>(act: () => Promise<T>): Promise<T> => {
      writes += 1;
      if (crash?.write !== writes) return act();
      if (crash.when === 'after') await act();
      dead = true;
      throw new Error('this process was killed');
    };
    const bench = startBench(cluster, {
      kube: mortal(counting(kube, write), isDead),
      state: mortal(countingState(createMemoryState(records), write), isDead),
      bundles,
      limits: { report: 1 },
    });
    try {
      for (const [index, bundle] of from.entries()) {
        bench.assign({ bundle });
        const isThere = () => {
          const status = bench.status();
          return dead || (status !== undefined && isApplied(status) && status.generation === index + 1);
        };
        await until(
          async () => {
            await runJobs();
            return isThere();
          },
          { what: `${index + 1} is applied`, every: 3, describe: () => JSON.stringify(bench.status(), null, 2) },
        );
        if (dead) break;
      }
    } finally {
      await bench.stop();
    }
    return { writes, survived: !dead };
  };

  const inventory = () => {
    const record = records.get('inventory/shop');
    return record === undefined ? null : decodeInventory(record);
  };
  const standing = () => cluster.objects().filter(({ metadata }) => metadata.labels?.[ownerLabel] === 'shop');
  const tracked = () => {
    const { refs = [], jobs = [] } = inventory() ?? {};
    return new Set([...refs, ...jobs.map(({ ref }) => ref)].map(refKey));
  };
  return { cluster, created, deleted, live, inventory, standing, tracked };
}

const names = (objects: readonly KubeObject[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
const withoutSuffix = (name: string) => name.replace(/-[0-9a-f]{7}$/, '');
const end = ['Namespace inner', ...['a', 'b', 'c', 'late', 'new'].map((name) => `ConfigMap ${name}`)];

it('[A5, X1] killed at any write, it leaves nothing untracked, and comes to the same end', async () => {
  const whole = createWorld();
  const { writes } = await whole.live(null, [first, second]);
  expect(writes).toBeGreaterThan(30);
  expect(names(whole.standing()).map(withoutSuffix)).toEqual([...end, 'Job migrate', 'Job report', 'Job smoke'].sort());
  const points = Array.from({ length: writes }, (_, index) =>
    (['before', 'after'] as const).map((when): CrashPoint => ({ write: index + 1, when })),
  ).flat();
  for (const point of points) {
    const at = `${point.when} write ${point.write} of ${writes}`;
    const world = createWorld();
    await world.live(point, [first, second]);
    const untracked = world.standing().filter((object) => !world.tracked().has(refKey(refOf(object))));
    expect(names(untracked), `untracked, killed ${at}`).toEqual([]);

    await world.live(null, [second]);
    expect(names(world.standing()), `stands, killed ${at}`).toEqual(names(whole.standing()));
    const contents = (objects: readonly KubeObject[]) =>
      objects.map(({ kind, metadata: { name }, data, spec }) => canonicalJson({ kind, name, data, spec })).sort();
    expect(contents(world.standing()), `is in it, killed ${at}`).toEqual(contents(whole.standing()));
    const { refs, jobs, ...rest } = world.inventory() ?? { refs: [], jobs: [] };
    expect(rest, `inventory, killed ${at}`).toMatchObject({ settled: true, held: [] });
    expect(refs.map(refKey).sort()).toEqual(whole.inventory()?.refs.map(refKey).sort());
    const jobNames = (all: readonly { ref: { name: string } }[] = []) => all.map(({ ref }) => ref.name).sort();
    expect(jobNames(jobs), `jobs, killed ${at}`).toEqual(jobNames(whole.inventory()?.jobs));
    // Nothing runs twice on one way, and nothing is deleted that stays.
    expect(repeated(world.created.filter((name) => !name.startsWith('Job report'))), `again, killed ${at}`).toEqual([]);
    for (const name of world.deleted.map(withoutSuffix))
      expect(['ConfigMap gone', 'Job report', 'Job migrate', 'Job smoke', 'Job tidy'], at).toContain(name);

    const before = world.cluster.writes();
    await world.live(null, [second]);
    expect(world.cluster.writes(), `writes of a third life, killed ${at}`).toBe(before);
  }
}, 300_000);

function repeated(all: readonly string[]): readonly string[] {
  return all.filter((name, index) => all.indexOf(name) !== index);
}

function recording(kube: Kube, created: string[], deleted: string[]): Kube {
  return {
    ...kube,
    apply: async (resource, object, options) => {
      const answer = await kube.apply(resource, object, options);
      if (answer.created && options.dryRun !== true) created.push(`${object.kind} ${object.metadata.name}`);
      return answer;
    },
    delete: async (resource, name, options) => {
      const gone = await kube.delete(resource, name, options);
      deleted.push(`${resource.kind} ${name.name}`);
      return gone;
    },
  };
}

/** As the API server does, it lets nobody change the template of a Job. */
function withImmutableJobs({ kube }: MemoryCluster): Kube {
  const refuse = async (resource: Resource, object: KubeObject) => {
    const { namespace = '', name } = object.metadata;
    const live = resource.kind === 'Job' ? await kube.get(resource, { namespace, name }) : null;
    const template = (job: KubeObject) => canonicalJson((job.spec as { template?: unknown }).template);
    if (live === null || template(live) === template(object)) return;
    const causes = [{ reason: 'FieldValueInvalid', message: 'field is immutable', field: 'spec.template' }];
    throw new KubeError('invalid', `Job ${name} is invalid`, { status: 422, reason: 'Invalid', causes });
  };
  return {
    ...kube,
    apply: async (resource, object, options) => {
      await refuse(resource, object);
      return kube.apply(resource, object, options);
    },
  };
}

type Write = <T>(act: () => Promise<T>) => Promise<T>;

function counting(kube: Kube, write: Write): Kube {
  return {
    ...kube,
    apply: (resource: Resource, object: KubeObject, options: ApplyOptions) =>
      options.dryRun === true
        ? kube.apply(resource, object, options)
        : write(() => kube.apply(resource, object, options)),
    replaceOwners: (...call) => write(() => kube.replaceOwners(...call)),
    delete: (...call) => write(() => kube.delete(...call)),
  };
}

function countingState(state: State, write: Write): State {
  return {
    ...state,
    write: (...call) => write(() => state.write(...call)),
    remove: (name) => write(() => state.remove(name)),
  };
}
