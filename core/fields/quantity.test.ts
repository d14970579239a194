import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalQuantities, nanosOf } from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['1000m', '1'],
    ['1', 1],
    ['0.5', '500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1k'],
    ['12E', '12000000000000000000'],
    ['1E2', '100'],
    ['+5', '5'],
    ['0', '0m'],
  ])('[D2] %s equals %s', (a, b) => {
    expect(equalQuantities(a, b)).toBe(true);
  });

  it.each([
    ['1', '1001m'],
    ['1Gi', '1G'],
    ['one', 'one'],
    ['', ''],
    ['.', '.'],
    [true, true],
    ['1 ', '1'],
  ])('[D2] %s does not equal %s', (a, b) => {
    expect(equalQuantities(a, b)).toBe(false);
  });

  it('rounds up below a billionth, as the API server does', () => {
    expect(nanosOf('0.0000000001')).toBe(1n);
  });

  it('reads whole numbers in every decimal unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.constantFrom('k', 'M', 'G'), (number, unit) => {
        const factor = { k: 1e3, M: 1e6, G: 1e9 }[unit] ?? 1;
        expect(equalQuantities(`${number}${unit}`, String(BigInt(number) * BigInt(factor)))).toBe(true);
      }),
    );
  });
});
