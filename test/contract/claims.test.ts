import { afterEach, describe, expect, it } from 'vitest';
import { ownerLabel } from '../../core/objects/object.ts';
import { createMemoryCluster } from '../memory/cluster.ts';
import { until } from '../until.ts';
import { type Bench, bundleOf, configMap, isApplied, startBench } from './engine-harness.ts';

/** Two applications that both have an object, neither of which has declared a move. */
describe('an object in two bundles', () => {
  const benches: Bench[] = [];
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.stop();
  });

  it('[A12] that come at once is written for one of them alone, and the other is refused whole', async () => {
    const ground = createMemoryCluster();
    const bench = startBench(ground);
    benches.push(bench);
    const claim = (name: string) => bundleOf(name, [configMap('shared', { of: name }), configMap(`of-${name}`, {})]);
    bench.assign({ bundle: claim('one') }, { bundle: claim('two') });
    const ends = () => ['one', 'two'].map((name) => bench.status(name)?.phase);
    await until(() => ends().includes('applied') && ends().includes('failed'), {
      what: 'one is applied and one has failed',
      describe: () => JSON.stringify([bench.status('one'), bench.status('two')], null, 2),
    });
    const winner = isApplied(bench.status('one') ?? ({} as never)) ? 'one' : 'two';
    const loser = winner === 'one' ? 'two' : 'one';
    expect(bench.status(loser)?.message).toContain(`application ${winner}`);
    expect(bench.log.filter((line) => line.endsWith(' shared'))).toHaveLength(1);
    expect(bench.log.filter((line) => line.endsWith(` of-${loser}`))).toEqual([]);
    const shared = ground.objects().find(({ metadata }) => metadata.name === 'shared');
    expect(shared?.metadata.labels?.[ownerLabel]).toBe(winner);

    // Once the other gives it up, whoever waited for it has it.
    bench.assign({ bundle: bundleOf(winner, [configMap(`of-${winner}`, {})]) }, { bundle: claim(loser) });
    await bench.reach('the other is applied', isApplied, loser);
  });
});
