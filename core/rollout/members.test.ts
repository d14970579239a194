import { describe, expect, it } from 'vitest';
import { type MemberContext, memberTable, see } from './members.ts';
import type { Sighting } from './sighting.ts';
import type { Member, MemberProgress, MemberState, Strategy, Turn, UnreachablePolicy } from './types.ts';

const now = 1_000_000;
const turn: Turn = { at: now - 600, generation: 3, handedOutAt: now - 499, back: false };
const queued: Turn = { ...turn, handedOutAt: null };
const back: Turn = { ...turn, back: true };
const deadline = now + 1;

const strategy = (unreachable: UnreachablePolicy): Strategy => ({
  waves: ['one', 'two'].map((name) => ({ name, maxConcurrent: null, soak: 0, approval: false })),
  gated: true,
  maxUnavailable: 1,
  failureThreshold: 1,
  progressDeadline: 500,
  onFailure: 'pause',
  unreachable,
  windows: [],
});
const context = (unreachable: UnreachablePolicy = 'skip', at = now): MemberContext => ({
  strategy: strategy(unreachable),
  now: at,
  message: null,
  generation: 9,
  isWaveDone: false,
});
const member = (progress: MemberProgress): Member => ({
  wave: 0,
  illBefore: false,
  since: now - 100,
  reason: null,
  attempts: 0,
  ...progress,
});
const examples: { readonly [S in MemberState]: Member } = {
  pending: member({ state: 'pending' }),
  due: member({ state: 'due', deadline: null }),
  updating: member({ state: 'updating', turn, deadline }),
  healthy: member({ state: 'healthy', turn }),
  ill: member({ state: 'ill', turn, deadline }),
  failed: member({ state: 'failed', turn }),
  skipped: member({ state: 'skipped', turn }),
  left: member({ state: 'left', turn }),
  returning: member({ state: 'returning', turn: back, deadline }),
  returned: member({ state: 'returned', turn: back }),
};

/** Where each cell leads before any deadline, by a policy that skips. */
const expected: { readonly [S in MemberState]: { readonly [W in Sighting]: MemberState } } = {
  pending: {
    gone: 'left',
    cordoned: 'pending',
    silent: 'pending',
    blocked: 'pending',
    busy: 'pending',
    ill: 'pending',
    well: 'pending',
  },
  due: {
    gone: 'left',
    cordoned: 'skipped',
    silent: 'skipped',
    blocked: 'due',
    busy: 'due',
    ill: 'due',
    well: 'healthy',
  },
  updating: {
    gone: 'left',
    cordoned: 'skipped',
    silent: 'updating',
    blocked: 'updating',
    busy: 'updating',
    ill: 'updating',
    well: 'healthy',
  },
  healthy: {
    gone: 'left',
    cordoned: 'skipped',
    silent: 'ill',
    blocked: 'ill',
    busy: 'ill',
    ill: 'ill',
    well: 'healthy',
  },
  ill: {
    gone: 'left',
    cordoned: 'skipped',
    silent: 'ill',
    blocked: 'ill',
    busy: 'ill',
    ill: 'ill',
    well: 'healthy',
  },
  failed: {
    gone: 'left',
    cordoned: 'failed',
    silent: 'failed',
    blocked: 'failed',
    busy: 'failed',
    ill: 'failed',
    well: 'healthy',
  },
  skipped: {
    gone: 'left',
    cordoned: 'skipped',
    silent: 'skipped',
    blocked: 'skipped',
    busy: 'skipped',
    ill: 'skipped',
    well: 'healthy',
  },
  left: {
    gone: 'left',
    cordoned: 'updating',
    silent: 'updating',
    blocked: 'updating',
    busy: 'updating',
    ill: 'updating',
    well: 'updating',
  },
  returning: {
    gone: 'left',
    cordoned: 'skipped',
    silent: 'skipped',
    blocked: 'returning',
    busy: 'returning',
    ill: 'returning',
    well: 'returned',
  },
  returned: {
    gone: 'left',
    cordoned: 'returned',
    silent: 'returned',
    blocked: 'returned',
    busy: 'returned',
    ill: 'returned',
    well: 'returned',
  },
};
const cells = (Object.keys(expected) as MemberState[]).flatMap((state) =>
  (Object.keys(expected[state]) as Sighting[]).map((sighting) => [state, sighting, expected[state][sighting]] as const),
);

describe('a member of a rollout', () => {
  it('[R10] has a cell for every state and every sighting', () => {
    expect(cells).toHaveLength(70);
    expect(cells.every(([state, sighting]) => typeof memberTable[state][sighting] === 'function')).toBe(true);
  });

  it.each(cells)('[R10] that is %s and seen %s becomes %s', (state, sighting, next) => {
    const before = examples[state];
    const after = see(before, sighting, context());
    expect(after.state).toBe(next);
    expect(after.since).toBe(next === state ? before.since : now);
  });

  it.each([
    ['updating', 'busy', 'skip', 'failed'],
    ['updating', 'ill', 'skip', 'failed'],
    ['updating', 'blocked', 'skip', 'failed'],
    ['updating', 'silent', 'skip', 'failed'],
    ['updating', 'silent', 'wait', 'failed'],
    ['updating', 'silent', 'fail', 'failed'],
    ['ill', 'ill', 'skip', 'failed'],
    ['ill', 'silent', 'skip', 'failed'],
    ['ill', 'silent', 'wait', 'failed'],
    ['returning', 'busy', 'skip', 'failed'],
    ['updating', 'well', 'skip', 'healthy'],
    ['returning', 'well', 'skip', 'returned'],
  ] as const)('[R5, R8] that is %s, seen %s at its deadline by policy %s is %s', (state, sighting, policy, next) => {
    const after = see(examples[state], sighting, context(policy, deadline));
    expect(after.state).toBe(next);
    if (next === 'failed') expect(after.reason).not.toBeNull();
  });

  it('[R8] that falls silent is excused by policy once its wave is done, for the release is not to blame then', () => {
    const done = (policy: UnreachablePolicy) => ({ ...context(policy, deadline), isWaveDone: true });
    expect(see(examples.ill, 'silent', done('skip'))).toMatchObject({ state: 'skipped', turn });
    expect(see(examples.ill, 'silent', done('wait')).state).toBe('failed');
    expect(see(examples.ill, 'silent', done('fail')).state).toBe('failed');
  });

  it('[R8] whose turn it is and that cannot be reached is skipped, has failed, or is waited for until a deadline', () => {
    expect(see(examples.due, 'silent', context('skip'))).toMatchObject({ state: 'skipped', turn: null });
    expect(see(examples.due, 'silent', context('fail'))).toMatchObject({ state: 'failed', turn: null });
    const waits = see(examples.due, 'silent', context('wait'));
    expect(waits).toMatchObject({ state: 'due', deadline: now + 500, reason: 'it cannot be reached' });
    expect(see(waits, 'silent', context('wait', now + 500)).state).toBe('failed');
    expect(see(waits, 'busy', context('wait', now + 1))).toMatchObject({ state: 'due', deadline: null, reason: null });
  });

  it('[R5] has as long as ever from when it was handed the release, however late that was', () => {
    const late = member({ state: 'updating', turn: { ...turn, handedOutAt: now }, deadline });
    const after = see(late, 'busy', context('skip', deadline));
    expect(after).toMatchObject({ state: 'updating', deadline: now + 500 });
    expect(see(after, 'busy', context('skip', now + 500)).state).toBe('failed');
  });

  it.each([
    ['busy', 'skip', { state: 'updating', turn: queued, deadline: deadline + 500 }],
    ['ill', 'skip', { state: 'updating', turn: queued, deadline: deadline + 500 }],
    ['silent', 'skip', { state: 'skipped', turn: null }],
    ['silent', 'wait', { state: 'due', deadline: deadline + 500, reason: 'it cannot be reached' }],
    ['silent', 'fail', { state: 'failed', turn: null }],
    ['blocked', 'skip', { state: 'due', deadline: deadline + 500 }],
    ['well', 'skip', { state: 'healthy', turn: { handedOutAt: deadline } }],
    ['cordoned', 'skip', { state: 'skipped', turn: null }],
    ['gone', 'skip', { state: 'left', turn: null }],
  ] as const)(
    '[R8, R9] that the queue has not come to by its deadline, seen %s by policy %s, is as one that is due',
    (sighting, policy, next) => {
      const waits = member({ state: 'updating', turn: queued, deadline });
      const after = see(waits, sighting, context(policy, deadline));
      expect(after).toMatchObject(next);
      expect(after.reason === null).toBe(sighting === 'well');
    },
  );

  it('[R12] waits for what it depends on until a deadline, and says for what', () => {
    const blocked = { ...context(), message: 'database is not healthy there' };
    const waits = see(examples.due, 'blocked', blocked);
    expect(waits).toMatchObject({ state: 'due', deadline: now + 500, reason: 'database is not healthy there' });
    expect(see(waits, 'blocked', { ...blocked, now: now + 500 }).state).toBe('failed');
  });

  it('[R3] that runs what it is to run already needs no update', () => {
    const turned = { at: now, generation: 9, handedOutAt: now, back: false };
    expect(see(examples.due, 'well', context())).toMatchObject({ state: 'healthy', turn: turned });
  });

  it('[R1] that comes back joins the last wave, or goes on where its turn had come', () => {
    const left = member({ state: 'left', turn: null });
    expect(see(left, 'busy', context())).toMatchObject({ state: 'pending', wave: 1 });
    expect(see(examples.left, 'busy', context())).toMatchObject({ state: 'updating', wave: 0, turn });
    expect(see(member({ state: 'left', turn: back }), 'busy', context()).state).toBe('returning');
  });

  it('[R6] that was given back what was settled is never healthy on the release again', () => {
    for (const state of ['failed', 'skipped'] as const) {
      expect(see(member({ state, turn: back }), 'well', context()).state).toBe('returned');
      expect(see(member({ state, turn: null }), 'well', context()).state).toBe(state);
    }
  });
});
