import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planWaves, share } from './plan-waves.ts';

const clusters = (count: number, labels: (index: number) => Record<string, string> = () => ({})) =>
  Array.from({ length: count }, (_, index) => ({ name: `c${String(index).padStart(3, '0')}`, labels: labels(index) }));
const sizes = (planned: ReadonlyMap<string, number>) =>
  [...Map.groupBy(planned, ([, wave]) => wave)]
    .toSorted(([a], [b]) => a - b)
    .map(([wave, group]) => [wave, group.length]);

describe('planWaves', () => {
  it('[R4] takes clusters by selector, count and share, each in the first wave that takes it', () => {
    const waves = [{ clusters: { matchLabels: { ring: 'canary' } } }, { count: 3 }, { percent: 25 }, {}];
    const planned = planWaves(
      waves,
      clusters(41, (index) => (index % 10 === 0 ? { ring: 'canary' } : {})),
    );
    expect(sizes(planned)).toEqual([
      [0, 5],
      [1, 3],
      [2, 11],
      [3, 22],
    ]);
  });

  it('[R4] gives the remainder to the last wave, though its share is smaller', () => {
    expect(sizes(planWaves([{ percent: 10 }, { percent: 10 }], clusters(10)))).toEqual([
      [0, 1],
      [1, 9],
    ]);
  });

  it('takes so many of those that match, where a wave has both a selector and a count or a share', () => {
    const ring = (index: number) => ({ ring: index < 6 ? 'early' : 'late' });
    const early = { matchLabels: { ring: 'early' } };
    expect(sizes(planWaves([{ clusters: early, count: 2 }, {}], clusters(10, ring)))[0]).toEqual([0, 2]);
    expect(sizes(planWaves([{ clusters: early, percent: 50 }, {}], clusters(10, ring)))[0]).toEqual([0, 5]);
    expect(sizes(planWaves([{ count: 4, percent: 20 }, {}], clusters(10, ring)))[0]).toEqual([0, 2]);
  });

  it.each([
    [25, 10, 3],
    [25, 8, 2],
    [7, 100, 7],
    [0.1, 10, 1],
    [100, 7, 7],
    [33.3, 1000, 333],
  ])('rounds a share of %d %% of %d up to %d', (percent, size, expected) => {
    expect(share(percent, size)).toBe(expected);
  });

  it('puts every cluster into exactly one wave, whatever their order', () => {
    const choice = fc.record(
      {
        clusters: fc.constantFrom({ matchLabels: { ring: '0' } }, { matchLabels: { ring: '1' } }),
        count: fc.integer({ min: 1, max: 5 }),
        percent: fc.integer({ min: 1, max: 100 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 5 }), fc.nat({ max: 40 }), (waves, count) => {
        const all = clusters(count, (index) => ({ ring: String(index % 3) }));
        const planned = planWaves(waves, all);
        expect([...planned.keys()].toSorted()).toEqual(all.map(({ name }) => name));
        expect([...planned.values()].every((wave) => wave < waves.length)).toBe(true);
        const again = planWaves(waves, all.toReversed());
        for (const [name, wave] of planned) expect(again.get(name)).toBe(wave);
      }),
    );
  });
});
