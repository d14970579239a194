import { expect, it } from 'vitest';
import { createLimit } from './limit.ts';
import type { Time } from './time.ts';

const still: Time = { now: () => 0, sleep: async () => undefined, random: () => 0 };

it('keeps no more in flight than it may, and serves in order', async () => {
  const limit = createLimit({ qps: Number.POSITIVE_INFINITY, burst: 1, maxInFlight: 2 }, still);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((n) =>
    limit.inFlight(() => {
      started.push(n);
      return new Promise<void>((resolve) => finish.push(resolve));
    }),
  );
  expect(started).toEqual([0, 1]);
  finish[0]?.();
  await all[0];
  expect(started).toEqual([0, 1, 2]);
  finish[1]?.();
  await all[1];
  finish[2]?.();
  finish[3]?.();
  await Promise.all(all);
  expect(started).toEqual([0, 1, 2, 3]);
});

it('gives a turn back when the work fails', async () => {
  const limit = createLimit({ qps: Number.POSITIVE_INFINITY, burst: 1, maxInFlight: 1 }, still);
  await expect(limit.inFlight(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await limit.inFlight(async () => 'yes')).toBe('yes');
});

it('lets a burst through, then keeps the pace', async () => {
  let now = 0;
  const waits: number[] = [];
  const limit = createLimit(
    { qps: 10, burst: 2, maxInFlight: 1 },
    {
      now: () => now,
      sleep: async (milliseconds) => void waits.push(milliseconds),
      random: () => 0,
    },
  );
  for (let n = 0; n < 4; n += 1) await limit.token();
  expect(waits).toEqual([100, 200]);
  now = 10_000;
  await limit.token();
  expect(waits).toHaveLength(2);
});
