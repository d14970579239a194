import { describe, expect, it } from 'vitest';
import { releaseId, releasesToMake } from './release.ts';

it('names a release after its application and commit', () => {
  expect(releaseId('shop', '3f2c9a0d4b5e6f708192a3b4c5d6e7f809a1b2c3')).toBe('shop@3f2c9a0d4b5e');
});

describe('[G2] what becomes a release', () => {
  it.each([
    ['a new head', 'b', [], ['a'], [{ commit: 'b', origin: 'head' }]],
    ['a known head', 'b', [], ['b'], []],
    ['a pinned commit', 'b', ['a'], ['b'], [{ commit: 'a', origin: 'pin' }]],
    ['one commit that several pins name', null, ['a', 'a'], [], [{ commit: 'a', origin: 'pin' }]],
    ['the head, pinned at once', 'b', ['b'], [], [{ commit: 'b', origin: 'head' }]],
    ['a pin of an application that is gone', null, ['a'], ['a'], []],
  ] as const)('%s', (_, head, pinned, released, steps) => {
    expect(releasesToMake({ head, pinned, released: new Set(released) })).toEqual(steps);
  });
});
