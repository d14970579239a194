import { expect, it } from 'vitest';
import type { ApplicationStatus } from '../../core/link/status.ts';
import type { KubeObject } from '../../core/objects/object.ts';
import { createMemoryState } from '../memory/state.ts';
import { type Bench, bundleOf, configMap, type Ground, isApplied, job, namespaceObject } from './engine-harness.ts';
import { suiteWorld } from './suite-world.ts';

/** A namespace that leaves its bundle while something in it stays, on any cluster. */
export function shelterSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  const world = suiteWorld(open, 'shelter');
  const { start, fresh, read } = world;
  const maps = (...names: string[]) => names.map((name) => configMap(name, { name }, world.space));
  const marked = (object: KubeObject, annotations: Record<string, string>): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, annotations },
  });
  const generation = (number: number) => (status: ApplicationStatus) =>
    isApplied(status) && status.generation === number;
  const inner = () => `${world.space}-inner`;

  /** That the namespace was left alone, and that it is told why. */
  const expectKept = async (bench: Bench, { problems }: ApplicationStatus, why: string) => {
    expect(bench.log).not.toContain(`delete Namespace ${inner()}`);
    expect((await read('Namespace', inner(), '', ''))?.metadata.deletionTimestamp).toBeUndefined();
    const told = problems.find(({ object }) => object.kind === 'Namespace');
    expect(told).toMatchObject({ code: 'kept', object: { name: inner() } });
    expect(told?.message).toContain(why);
  };

  it('[A7] stays for what is marked to be kept in it', async () => {
    const own = await fresh();
    const bench = start();
    const licence = marked(configMap('licence', {}, inner()), { 'fairway.dev/prune': 'never' });
    bench.run({ ...own, objects: [...maps('a', 'b', 'c'), licence, namespaceObject(inner())] });
    await bench.reach('it is applied', isApplied, world.space);
    bench.run({ ...own, objects: maps('a', 'b', 'c') });
    const status = await bench.reach('the second is applied', generation(2), world.space);
    await expectKept(bench, status, `ConfigMap ${inner()}/licence`);
  });

  it('[A6, A7] stays for what waits for a person in it', async () => {
    const own = await fresh();
    const bench = start();
    const inside = ['p', 'q', 'r', 's'].map((name) => configMap(name, {}, inner()));
    bench.run({ ...own, objects: [...maps('a', 'b'), ...inside, namespaceObject(inner())] });
    await bench.reach('it is applied', isApplied, world.space);
    bench.run({ ...own, objects: [...maps('a', 'b'), namespaceObject(inner())] });
    await bench.reach('the prune waits', ({ problems }) => problems.length === 4, world.space);
    bench.run({ ...own, objects: maps('a', 'b') });
    const status = await bench.reach('the third is applied', generation(3), world.space);
    await expectKept(bench, status, 'which stays');
  });

  it('[A7, A12] stays for an object of an application that the cluster is assigned no more', async () => {
    const own = await fresh();
    const state = createMemoryState();
    const first = start({ state });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'others', namespace: inner() } };
    const other = bundleOf(`${world.space}-other`, [secret]);
    const one = bundleOf(world.space, [...maps('a', 'b', 'c'), namespaceObject(inner())]);
    first.assign({ bundle: one }, { bundle: other });
    await first.reach('the other is applied', isApplied, other.application);
    first.assign({ bundle: one });
    await first.reach('it is applied', isApplied, world.space);
    await first.stop();
    const bench = start({ state });
    bench.run({ ...own, objects: maps('a', 'b', 'c') });
    const status = await bench.reach('the second is applied', isApplied, world.space);
    await expectKept(bench, status, `Secret ${inner()}/others of application ${other.application}`);
    await world.ground.remove({ group: '', kind: 'Secret', namespace: inner(), name: 'others' });
    bench.run({ ...own, objects: [...maps('a', 'b'), configMap('c', { again: 'yes' }, world.space)] });
    // Where nothing plays the controller of namespaces it stays on its way out.
    const isKept = ({ problems }: ApplicationStatus) => problems.some(({ code }) => code === 'kept');
    await bench.reach('nothing keeps it any more', (status) => isApplied(status) && !isKept(status), world.space);
    expect(bench.log).toContain(`delete Namespace ${inner()}`);
  });

  it('[A12] stays for an object in it that moves to another application', async () => {
    await fresh();
    const bench = start();
    const settings = configMap('settings', { greeting: 'hello' }, inner());
    const heir = `${world.space}-heir`;
    const before = bundleOf(world.space, [...maps('a', 'b', 'c'), settings, namespaceObject(inner())]);
    bench.assign({ bundle: before });
    await bench.reach('it is applied', isApplied, world.space);
    const moved = bundleOf(heir, [marked(settings, { 'fairway.dev/moved-from': world.space })]);
    bench.assign({ bundle: moved }, { bundle: bundleOf(world.space, maps('a', 'b', 'c')) });
    await bench.reach('the heir has it', generation(2), heir);
    const status = await bench.reach('the second is applied', generation(2), world.space);
    await expectKept(bench, status, `ConfigMap ${inner()}/settings`);
    expect(bench.log.filter((line) => line.startsWith('delete'))).toEqual([]);
  });

  it('[A7] stays while the bundle itself has something in it, its hooks included', async () => {
    const own = await fresh();
    const bench = start();
    const hook = job('check', inner(), { 'fairway.dev/hook': 'post' });
    const rest = [...maps('a', 'b', 'c'), configMap('inside', {}, inner())];
    bench.run({ ...own, objects: [...rest, namespaceObject(inner())] });
    await bench.reach('it is applied', isApplied, world.space);
    bench.run({ ...own, objects: rest });
    const second = await bench.reach('the second is applied', generation(2), world.space);
    await expectKept(bench, second, `ConfigMap ${inner()}/inside`);
    bench.run({ ...own, objects: [...maps('a', 'b', 'c'), hook] });
    await bench.reach('its hook runs', ({ wait }) => wait?.reason.includes('check') ?? false, world.space);
    expect(bench.log).not.toContain(`delete Namespace ${inner()}`);
  });
}
