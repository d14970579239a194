import { afterEach, describe, expect, it } from 'vitest';
import { type Kube, KubeError, type WatchEvent } from '../../agent/kube/port.ts';
import type { State } from '../../agent/state/port.ts';
import { decodeInventory } from '../../core/apply/inventory.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';
import { type Bench, configMap, isApplied, refTo, startBench } from './engine-harness.ts';

/** An inventory is what the agent goes by when it comes back: it is as durable as what it lists. */
describe('an inventory', () => {
  const benches: Bench[] = [];
  const start = (...options: Parameters<typeof startBench>) => {
    const bench = startBench(...options);
    benches.push(bench);
    return bench;
  };
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });

  const saved = async (state: State) => {
    const content = await state.read('inventory/shop');
    return content === null ? null : decodeInventory(content);
  };
  /** A disk that takes an application's inventory only where it is told to. */
  const reluctant = (takes: (time: number) => boolean) => {
    const inner = createMemoryState();
    let times = 0;
    const write: State['write'] = async (name, content) => {
      if (name.startsWith('inventory/') && !takes(++times)) throw new Error('the disk is full');
      await inner.write(name, content);
    };
    return { ...inner, write, times: () => times };
  };
  const maps = (...names: string[]) => names.map((name) => configMap(name, { name }));

  it('[A5] is durable before the first write, however often saving it fails', async () => {
    const ground = createMemoryCluster();
    const state = reluctant((time) => time > 3);
    let early = 0;
    const apply: Kube['apply'] = async (resource, object, options) => {
      if (options.dryRun !== true && (await saved(state))?.refs.length !== 3) early += 1;
      return ground.kube.apply(resource, object, options);
    };
    const bench = start(ground, { state, kube: { ...ground.kube, apply } });
    bench.run({ objects: maps('a', 'b', 'c') });
    await bench.reach('it is applied', isApplied);
    expect(early).toBe(0);
    expect(state.times()).toBeGreaterThan(3);
  });

  it('[A5] is saved again where that failed after the last write', async () => {
    const ground = createMemoryCluster();
    const state = reluctant((time) => time !== 2);
    const bench = start(ground, { state });
    bench.run({ objects: maps('a', 'b', 'c') });
    await bench.reach('it is applied', isApplied);
    await until(async () => (await saved(state))?.settled === true, { what: 'the inventory is settled on disk' });
    expect((await saved(state))?.refs.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
  });

  it('[A5, A6] knows of a write whose answer was lost, though no watch shows it and a new bundle leaves it out', async () => {
    const ground = createMemoryCluster();
    let lost = 0;
    let held: (() => void)[] = [];
    const apply: Kube['apply'] = async (resource, object, options) => {
      const result = await ground.kube.apply(resource, object, options);
      if (options.dryRun === true || object.metadata.name !== 'lost' || lost > 0) return result;
      lost += 1;
      bench.run({ objects: maps('a', 'b', 'c') });
      throw new KubeError('unavailable', 'the connection was cut');
    };
    const watch: Kube['watch'] = (resource, options, onEvent) =>
      ground.kube.watch(resource, options, (event: WatchEvent) => void held.push(() => onEvent(event)));
    const state = createMemoryState();
    const bench = start(ground, { state, kube: { ...ground.kube, apply, watch } });
    bench.run({ objects: maps('a', 'b', 'c', 'lost') });
    await bench.reach('the second is applied', ({ phase, generation }) => phase === 'applied' && generation === 2);
    expect(lost).toBe(1);
    const ref = refTo('ConfigMap', 'default', 'lost');
    const stands = () => ground.objects().some(({ metadata }) => metadata.name === ref.name);
    await until(() => !stands(), { what: 'what nobody saw come is pruned' });
    for (const tell of held.splice(0)) tell();
    held = [];
    await until(async () => (await saved(state))?.refs.length === 3, { what: 'the inventory forgets it' });
  });
});
