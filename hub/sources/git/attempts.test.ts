import { expect, it } from 'vitest';
import { fetchAttempts } from './attempts.ts';

it('asks for one tree at first, and later for what came since', () => {
  expect(fetchAttempts('c0ffee', 'main', null)[0]).toEqual({ want: 'c0ffee', history: { type: 'depth', depth: 1 } });
  const since = fetchAttempts('c0ffee', 'main', 1_700_000_000_000)[0];
  expect(since).toEqual({ want: 'c0ffee', history: { type: 'since', since: 1_700_000_000_000 - 86_400_000 } });
});

it('asks for the whole branch in the end', () => {
  for (const first of [null, 0, 1_700_000_000_000]) {
    expect(fetchAttempts('c0ffee', 'main', first).at(-1)).toEqual({
      want: 'main',
      history: { type: 'depth', depth: 2_147_483_647 },
    });
  }
});
