import { describe, expect, it } from 'vitest';
import { createBucket, createBuckets } from './bucket.ts';

describe('bucket', () => {
  it('[L7] gives so many at once, and then one at a time', () => {
    const bucket = createBucket(2, 100, 0);
    expect([
      bucket.take(0),
      bucket.take(0),
      bucket.take(0),
      bucket.take(60),
      bucket.take(100),
      bucket.take(100),
    ]).toEqual([0, 0, 100, 40, 0, 100]);
    expect([bucket.isFull(200), bucket.isFull(1_000)]).toEqual([false, true]);
  });

  it('[L7] says how long a debt takes to pay', () => {
    const bucket = createBucket(1, 100, 0);
    expect([bucket.spend(0), bucket.spend(0), bucket.spend(0), bucket.spend(300)]).toEqual([0, 100, 200, 0]);
  });

  it('[L7] counts each address for itself', () => {
    const take = createBuckets(1, 100);
    expect([take('a', 0), take('b', 0), take('a', 0), take('a', 150)]).toEqual([0, 0, 100, 0]);
  });
});
