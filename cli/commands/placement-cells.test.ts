import { describe, expect, it } from 'vitest';
import type { Placement } from '../../proto/rest/placements.ts';
import { says, toRun } from './placement-cells.ts';

const placement = {
  state: 'active',
  stateReason: null,
  release: 'shop@1',
  phase: 'applied',
  message: 'All 2 objects stand and are healthy.',
  wait: null,
} as Placement;

describe('a placement in a table', () => {
  it('says how the agent finds it', () => {
    expect([toRun(placement), says(placement)]).toEqual(['shop@1', 'All 2 objects stand and are healthy.']);
  });

  it('[G9] says that it is leaving, why, and that it runs on', () => {
    const leaving: Placement = { ...placement, state: 'leaving', stateReason: 'application shop is no longer in Git' };
    expect(toRun(leaving)).toMatchObject({ text: 'leaving' });
    expect(says(leaving)).toMatchObject({ text: 'application shop is no longer in Git; it runs on' });
  });

  it('[R5] says what it waits for, and marks what failed', () => {
    const wait = { reason: 'the agent is not connected', since: '2026-01-01T00:00:00.000Z', deadline: null };
    expect(says({ ...placement, wait })).toBe('the agent is not connected');
    expect(says({ ...placement, phase: 'failed', wait })).toEqual({ text: 'the agent is not connected', style: 'red' });
  });
});
