import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLru } from './lru.ts';

it('drops what was used longest ago', () => {
  const dropped: string[] = [];
  const lru = createLru<string>(3, (key) => dropped.push(key));
  for (const key of ['a', 'b', 'c']) lru.set(key, key, 1);
  lru.get('a');
  lru.set('d', 'd', 1);
  expect(dropped).toEqual(['b']);
  expect(lru.get('a')).toBe('a');
});

it('never weighs more than it may, but for one entry that alone does', () => {
  const entry = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), weight: fc.nat(12) });
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const kept = new Map<string, number>();
      const lru = createLru<number>(10, (key) => kept.delete(key));
      for (const { key, weight } of entries) {
        kept.set(key, weight);
        lru.set(key, weight, weight);
        const total = [...kept.values()].reduce((sum, one) => sum + one, 0);
        expect(total <= 10 || kept.size === 1).toBe(true);
        expect(lru.get(key)).toBe(weight);
      }
    }),
  );
});
