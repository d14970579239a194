import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff } from './backoff.ts';

describe('backoff', () => {
  it('[L5] doubles up to its ceiling, and spreads over the whole of it', () => {
    const pace = { first: 100, ceiling: 1_000 };
    const almostOne = 0.999_999;
    expect([0, 1, 2, 3, 4, 50, 5_000].map((attempt) => backoff(attempt, almostOne, pace))).toEqual([
      100, 200, 400, 800, 1_000, 1_000, 1_000,
    ]);
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: almostOne, noNaN: true }), (attempt, random) => {
        const wait = backoff(attempt, random, pace);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});
