import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../../proto/rest/events.ts';
import { createFollower } from './follow.ts';

const event = (id: number) => ({ id }) as FleetEvent;

describe('following events', () => {
  it('gives each event once, whatever order they are stored in and however often it looks', async () => {
    const order = fc.shuffledSubarray(
      Array.from({ length: 300 }, (_, index) => index + 1),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(order, fc.array(fc.nat(40), { minLength: 1 }), async (ids, steps) => {
        const stored: number[] = [];
        const follower = createFollower(0, async (after, limit) =>
          stored
            .filter((id) => id > after)
            .sort((a, b) => a - b)
            .slice(0, limit)
            .map(event),
        );
        const got: number[] = [];
        const waiting = [...ids];
        for (const step of steps) {
          stored.push(...waiting.splice(0, step));
          got.push(...(await follower.next(step % 2 === 0)).map(({ id }) => id));
        }
        stored.push(...waiting);
        for (let more = true; more; ) {
          const events = await follower.next(true);
          got.push(...events.map(({ id }) => id));
          more = events.length > 0;
        }
        expect([...got].sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b));
      }),
    );
  });

  it('knows a late one when it is told of it', async () => {
    const follower = createFollower(5, async (after) => [6, 8].filter((id) => id > after).map(event));
    await follower.next(false);
    expect([5, 6, 7, 8, 9].filter(follower.isLate)).toEqual([7]);
  });
});
