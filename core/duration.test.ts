import { expect, it } from 'vitest';
import { describeDuration, milliseconds } from './duration.ts';

it.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['1d2h3m4s', 93_784_000],
  ['0s', 0],
])('reads %s', (text, expected) => expect(milliseconds(text)).toBe(expected));

it.each([
  [0, '0s'],
  [1, '1s'],
  [45_000, '45s'],
  [90_000, '1m 30s'],
  [1_800_000, '30m'],
  [93_784_000, '1d 2h'],
])('tells people %d ms', (duration, expected) => expect(describeDuration(duration)).toBe(expected));
