import { describe, expect, it } from 'vitest';
import { afterCorrection, correctableAt, type Fight } from './fights.ts';

function corrections(count: number, every: number): Fight | undefined {
  let fight: Fight | undefined;
  for (let index = 0; index < count; index++) fight = afterCorrection(fight, index * every);
  return fight;
}

describe('fights', () => {
  it('[D3] a few corrections are made at once', () => {
    for (let count = 0; count < 5; count++) {
      const fight = corrections(count, 100);
      expect(correctableAt(fight)).toBeLessThanOrEqual(fight?.last ?? 0);
    }
  });

  it('[D3] corrections over and over are made less and less often, and never given up', () => {
    const pauses = [5, 6, 7, 8, 20, 1_000].map((count) => {
      const fight = corrections(count, 100);
      return correctableAt(fight) - (fight?.last ?? 0);
    });
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 300_000, 300_000]);
  });

  it('[D3] a quiet time ends a fight', () => {
    const fight = corrections(6, 100) as Fight;
    expect(afterCorrection(fight, fight.last + 30_000).corrections).toBe(7);
    expect(afterCorrection(fight, fight.last + 60_000).corrections).toBe(1);
  });
});
