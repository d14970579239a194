import { describe, expect, it } from 'vitest';
import { isIllBefore } from './sighting.ts';
import type { Facts, Member, MemberProgress } from './types.ts';

const now = 1_000_000;
const turn = { at: now - 20, generation: 1, handedOutAt: now - 10, back: false };
const placement = { release: 'shop@old', removal: false, applied: true, well: true, ill: false, message: null };
const well: Facts = { cordoned: false, silentAt: null, blocked: null, placement };
const ill: Facts = { ...well, placement: { ...placement, well: false } };
const silent: Facts = { ...well, silentAt: now };
const member = (progress: MemberProgress, illBefore = false): Member => ({
  ...{ wave: 0, illBefore, since: now, reason: null, attempts: 0 },
  ...progress,
});

describe('a cluster that is ill before its rollout', () => {
  it('[R3] is ill or silent when the snapshot is taken', () => {
    expect([ill, silent, well, { ...well, placement: null }].map((facts) => isIllBefore(facts, now))).toEqual([
      ...[true, true, false, false],
    ]);
  });

  it.each<[string, boolean, Member]>([
    ['updates', false, member({ state: 'updating', turn, deadline: now })],
    ['saw fall ill', false, member({ state: 'ill', turn, deadline: now })],
    ['saw fail on the release', false, member({ state: 'failed', turn })],
    ['has not come to', false, member({ state: 'pending' })],
    ['found ill', true, member({ state: 'updating', turn, deadline: now }, true)],
    ['goes on without', true, member({ state: 'skipped', turn })],
    ['never reached', true, member({ state: 'failed', turn: null })],
  ])('[R3] takes the place of one that %s it: %s', (_, expected, replaced) => {
    expect(isIllBefore(ill, now, replaced)).toBe(expected);
    expect(isIllBefore(well, now, replaced)).toBe(false);
  });
});
