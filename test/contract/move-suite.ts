import { expect, it } from 'vitest';
import type { Bundle } from '../../core/bundle.ts';
import type { ApplicationStatus } from '../../core/link/status.ts';
import { type KubeObject, ownerLabel } from '../../core/objects/object.ts';
import { createMemoryState } from '../memory/state.ts';
import { type Bench, bundleOf, configMap, type Ground, isApplied } from './engine-harness.ts';
import { suiteWorld } from './suite-world.ts';

/** Objects that move from one application to another, on any cluster. */
export function moveSuite(open: () => Promise<{ ground: Ground; close: () => Promise<void> }>): void {
  const world = suiteWorld(open, 'move');
  const { start, fresh, read } = world;
  const heir = () => `${world.space}-heir`;
  const map = (name: string, data: Record<string, unknown> = {}) => configMap(name, data, world.space);
  const moved = (): KubeObject => {
    const settings = map('settings', { greeting: 'hello' });
    return {
      ...settings,
      metadata: { ...settings.metadata, annotations: { 'fairway.dev/moved-from': world.space } },
    };
  };
  const legacy = (...more: KubeObject[]) => bundleOf(world.space, [map('a'), map('b'), map('c'), ...more]);
  const broken = () => map('broken', { a: 1 });
  const isGeneration = (number: number) => (status: ApplicationStatus) =>
    isApplied(status) && status.generation === number;

  /** Before the move: `settings` belongs to the one, and the other runs something of its own. */
  const settle = async (bench: Bench) => {
    bench.assign({ bundle: legacy(map('settings')) }, { bundle: bundleOf(heir(), [map('own')]) });
    await bench.reach('the one is applied', isApplied, world.space);
    await bench.reach('the other is applied', isApplied, heir());
  };
  const owner = async () => (await read('ConfigMap', 'settings'))?.metadata.labels?.[ownerLabel];

  it('[A12] deletes nothing while the application that takes an object over cannot be applied', async () => {
    await fresh();
    const bench = start();
    await settle(bench);
    bench.assign({ bundle: legacy() }, { bundle: bundleOf(heir(), [map('own'), moved(), broken()]) });
    const failed = await bench.reach('the heir has failed', ({ phase }) => phase === 'failed', heir());
    expect(failed.message).toContain('is kept meanwhile');
    const status = await bench.reach('the one is applied', isGeneration(2), world.space);
    expect(status.problems).toMatchObject([{ code: 'kept', object: { name: 'settings' } }]);
    expect(status.problems[0]?.message).toContain(`application ${heir()} takes it over`);

    bench.assign({ bundle: legacy() }, { bundle: bundleOf(heir(), [map('own'), moved()]) });
    await bench.reach('the heir has it', isGeneration(3), heir());
    await bench.reach('the one has let it go', ({ problems }) => problems.length === 0, world.space);
    expect(await owner()).toBe(heir());
    expect(bench.log.filter((line) => line.startsWith('delete'))).toEqual([]);
  });

  it('[A12] deletes nothing while the bundle that takes an object over cannot be had', async () => {
    await fresh();
    const bundles = new Map<string, Bundle>();
    const bench = start({ bundles });
    await settle(bench);
    const all = bundles.get.bind(bundles);
    bundles.get = (digest) => (all(digest)?.application === heir() ? undefined : all(digest));
    bench.assign({ bundle: legacy() }, { bundle: bundleOf(heir(), [map('own'), moved()]) });
    const failed = await bench.reach('the heir has failed', ({ phase }) => phase === 'failed', heir());
    expect(failed.message).toContain('its bundle cannot be had');
    const waits = ({ wait }: ApplicationStatus) => wait?.reason.includes(`may have moved to application ${heir()}`);
    await bench.reach('the one waits', (status) => waits(status) === true, world.space);

    bundles.get = all;
    await bench.reach('the heir has it', isGeneration(2), heir());
    await bench.reach('the one has let it go', isGeneration(2), world.space);
    expect(await owner()).toBe(heir());
    expect(bench.log.filter((line) => line.startsWith('delete'))).toEqual([]);
  });

  it('[A12, X1] deletes nothing where the agent starts anew before the other has been looked at', async () => {
    await fresh();
    const state = createMemoryState();
    const bundles = new Map<string, Bundle>();
    const first = start({ state, bundles });
    await settle(first);
    const next = [{ bundle: legacy() }, { bundle: bundleOf(heir(), [map('own'), moved(), broken()]) }] as const;
    first.assign(...next);
    await first.reach('the heir has failed', ({ phase }) => phase === 'failed', heir());
    await first.reach('the one is applied', isGeneration(2), world.space);
    await first.stop();

    // One at a time: the one that has let go of it is looked at first.
    const second = start({ state, bundles, limits: { concurrency: 1 } });
    second.assign(...next);
    await second.reach('the heir has failed again', ({ phase }) => phase === 'failed', heir());
    await second.reach('the one is applied', isApplied, world.space);
    expect([...first.log, ...second.log].filter((line) => line.startsWith('delete'))).toEqual([]);
    expect(await owner()).toBe(world.space);
  });
}
