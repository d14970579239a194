import { describe, expect, it } from 'vitest';
import { cacheBundles } from './bundle-cache.ts';

describe('bundle cache', () => {
  it('[G4] shares one read among all who ask, and keeps what fits, the least used out first', async () => {
    const reads: string[] = [];
    const read = cacheBundles(async (digest) => {
      reads.push(digest);
      return new Uint8Array(digest === 'huge' ? 1_000 : 40);
    }, 100);
    await Promise.all([read('a'), read('a'), read('a')]);
    await read('b');
    await read('a');
    await read('c');
    await read('a');
    await read('b');
    expect(reads).toEqual(['a', 'b', 'c', 'b']);
    await read('huge');
    await read('huge');
    expect(reads.slice(4)).toEqual(['huge', 'huge']);
  });

  it('keeps neither a failure nor an absence', async () => {
    let reads = 0;
    const read = cacheBundles(async () => {
      if (++reads === 1) throw new Error('away');
      return null;
    }, 100);
    await expect(read('a')).rejects.toThrow('away');
    expect(await read('a')).toBeNull();
    await read('a');
    expect(reads).toBe(3);
  });
});
