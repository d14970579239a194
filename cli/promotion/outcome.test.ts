import { describe, expect, it } from 'vitest';
import type { Promotion } from '../../proto/rest/promotions.ts';
import type { RolloutDetail } from '../../proto/rest/rollouts.ts';
import type { Seen } from './follow.ts';
import { exitCodeOfPromotions, hasStopped, isLookedAt, isOver } from './outcome.ts';

const at = '2030-01-01T00:00:00.000Z';
const wait = { gate: 'approval', name: null, reason: '0 of 2', since: at, deadline: null } as const;
const seen = (
  state: Promotion['state'],
  more: Partial<Promotion> = {},
  rollout: Partial<RolloutDetail> | null = null,
) => ({ promotion: { state, waits: [], endedAt: null, ...more }, rollout }) as unknown as Seen;
const stopped = seen('rolling-out', {}, { state: 'paused', pausedBy: 'hub' });
const paused = seen('rolling-out', {}, { state: 'paused', pausedBy: 'token:lead' });
const waiting = seen('waiting', { waits: [wait] });
const settled = seen('settled', { endedAt: at });

describe('a promotion', () => {
  it('has been looked at once it waits at a gate, or is through', () => {
    expect([seen('waiting'), waiting, seen('pinning')].map(isLookedAt)).toEqual([false, true, true]);
  });

  it('is over once it has ended, or failures have stopped its rollout; not where a person paused that', () => {
    expect([waiting, settled, stopped, paused].map(isOver)).toEqual([false, true, true, false]);
    expect([stopped, paused].map(hasStopped)).toEqual([true, false]);
  });

  it.each([
    ['is on its way', [seen('rolling-out')], 0, 3],
    ['waits at a gate', [waiting], 3, 3],
    ['is settled', [settled], 0, 0],
    ['was refused', [seen('rejected', { endedAt: at })], 5, 5],
    ['ended otherwise', [seen('aborted', { endedAt: at })], 1, 1],
    ['has stopped', [stopped], 1, 1],
    ['is one of a set that waits', [settled, waiting], 3, 3],
    ['is one of a set of which one was refused', [waiting, seen('rejected', { endedAt: at })], 5, 5],
  ])('that %s ends a script with its code', (_what, promotions, underWay, toTheEnd) => {
    expect([exitCodeOfPromotions(promotions, false), exitCodeOfPromotions(promotions, true)]).toEqual([
      underWay,
      toTheEnd,
    ]);
  });
});
