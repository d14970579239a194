import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRenewable, renewalGrace, renewalTime } from './renewal.ts';

describe('the renewal of a certificate', () => {
  it('[T2] comes after two thirds of its life, spread, and long before its end', () => {
    expect(renewalTime({ from: 0, to: 90 }, 0)).toBe(60);
    expect(renewalTime({ from: 30, to: 60 }, 0)).toBe(50);
    const life = fc.record({
      from: fc.nat(),
      length: fc.integer({ min: 1 }),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(life, ({ from, length, random }) => {
        const at = renewalTime({ from, to: from + length }, random);
        expect(at).toBeGreaterThanOrEqual(from + length * 0.66);
        expect(at).toBeLessThanOrEqual(from + length * 0.75);
      }),
    );
  });

  it('[T2] is possible up to 90 days after it ran out', () => {
    expect(isRenewable(1_000, 999)).toBe(true);
    expect(isRenewable(1_000, 1_000 + renewalGrace - 1)).toBe(true);
    expect(isRenewable(1_000, 1_000 + renewalGrace)).toBe(false);
  });
});
