import { describe, expect, it } from 'vitest';
import { createLoader } from './loader.ts';

describe('loader', () => {
  it('answers what is asked together with one read, each key once', async () => {
    const reads: (readonly string[])[] = [];
    const load = createLoader(async (keys) => {
      reads.push(keys);
      return new Map(keys.filter((key) => key !== 'none').map((key) => [key, key.toUpperCase()]));
    }, 5);
    expect(await Promise.all([load('a'), load('b'), load('a'), load('none')])).toEqual(['A', 'B', 'A', null]);
    expect(await load('a')).toBe('A');
    expect(reads).toEqual([['a', 'b', 'none'], ['a']]);
  });

  it('tells everybody who asked of a failure, and reads anew afterwards', async () => {
    let fails = true;
    const load = createLoader(async (keys) => {
      if (fails) throw new Error('away');
      return new Map(keys.map((key) => [key, key]));
    }, 1);
    const outcomes = await Promise.allSettled([load('a'), load('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    expect(await load('a')).toBe('a');
  });
});
