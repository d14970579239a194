import { describe, expect, it } from 'vitest';
import { FairwayError } from '../errors.ts';
import { type RolloutEvent, type RolloutEventType, react, rolloutTable } from './react.ts';
import type { Member, Progress, ProgressState, Rollout, Turn } from './types.ts';

const now = 1_000_000;
const turn: Turn = { at: now - 10, generation: 1, handedOutAt: now - 5, back: false };
const base = { wave: 0, illBefore: false, since: now - 100, reason: null, attempts: 0 };
const member = {
  healthy: { ...base, state: 'healthy', turn },
  failed: { ...base, state: 'failed', turn },
  unreached: { ...base, state: 'failed', turn: null },
  queued: { ...base, state: 'updating', turn: { ...turn, handedOutAt: null }, deadline: now + 9 },
  later: { ...base, wave: 1, state: 'pending' },
  gone: { ...base, state: 'left', turn },
} as const satisfies Record<string, Member>;

const rollout = (progress: Progress, parts: Partial<Rollout> = {}): Rollout => ({
  kind: 'release',
  release: 'shop@new',
  previous: 'shop@old',
  strategy: {
    waves: ['one', 'two'].map((name) => ({ name, maxConcurrent: null, soak: 0, approval: name === 'two' })),
    gated: true,
    maxUnavailable: 2,
    failureThreshold: 1,
    progressDeadline: 500,
    onFailure: 'pause',
    unreachable: 'skip',
    windows: [],
  },
  progress,
  wait: null,
  wave: 0,
  waves: [
    { progress: { state: 'rolling', startedAt: now - 50 }, approval: null },
    { progress: { state: 'pending' }, approval: null },
  ],
  members: new Map(Object.entries(member)),
  generation: 4,
  ...parts,
});
const running: Progress = { state: 'running', since: now - 50 };
const byHub: Progress = { state: 'paused', since: now - 5, by: 'hub', reason: 'a cluster failed' };
const byPerson: Progress = { state: 'paused', since: now - 5, by: 'user:lead', reason: 'paused by user:lead' };
const ended = (state: 'completed' | 'aborted' | 'superseded'): Progress => ({
  state,
  since: now - 5,
  reason: null,
});
const examples: { readonly [S in ProgressState]: Progress } = {
  running,
  paused: byPerson,
  'rolling-back': { state: 'rolling-back', since: now - 5, by: 'hub', reason: 'a cluster failed' },
  completed: ended('completed'),
  aborted: ended('aborted'),
  superseded: ended('superseded'),
  'rolled-back': { state: 'rolled-back', since: now - 5, by: 'hub', reason: 'a cluster failed' },
};
const events: { readonly [T in RolloutEventType]: Extract<RolloutEvent, { type: T }> } = {
  pause: { type: 'pause', by: 'user:lead', reason: 'lunch' },
  resume: { type: 'resume', by: 'user:lead' },
  abort: { type: 'abort', by: 'user:lead', reason: null },
  retry: { type: 'retry', by: 'user:lead', clusters: null },
  skip: { type: 'skip', by: 'user:lead', cluster: 'later', reason: null },
  approve: { type: 'approve', by: 'user:lead', wave: 'two' },
  'roll-back': { type: 'roll-back', by: 'user:lead', reason: null },
  supersede: { type: 'supersede', by: 'user:lead', reason: 'shop@newer' },
  threshold: { type: 'threshold', reason: 'a cluster failed' },
  stall: { type: 'stall', reason: 'no place' },
  complete: { type: 'complete' },
  return: { type: 'return' },
  vanish: { type: 'vanish' },
};

/** What each cell leads to: a state, `same` where nothing changes, or the code of the refusal. */
type Outcome = ProgressState | 'same' | 'rollout-ended' | 'rollout-returning';
const refusals = {
  pause: 'rollout-ended',
  resume: 'rollout-ended',
  abort: 'rollout-ended',
  retry: 'rollout-ended',
  skip: 'rollout-ended',
  approve: 'rollout-ended',
  'roll-back': 'rollout-ended',
  supersede: 'same',
  threshold: 'same',
  stall: 'same',
  complete: 'same',
  return: 'same',
  vanish: 'same',
} as const;
const expected: { readonly [S in ProgressState]: { readonly [T in RolloutEventType]: Outcome } } = {
  running: {
    pause: 'paused',
    resume: 'same',
    abort: 'aborted',
    retry: 'running',
    skip: 'running',
    approve: 'running',
    'roll-back': 'rolling-back',
    supersede: 'superseded',
    threshold: 'paused',
    stall: 'paused',
    complete: 'completed',
    return: 'same',
    vanish: 'aborted',
  },
  paused: {
    pause: 'same',
    resume: 'running',
    abort: 'aborted',
    retry: 'paused',
    skip: 'paused',
    approve: 'paused',
    'roll-back': 'rolling-back',
    supersede: 'superseded',
    threshold: 'same',
    stall: 'same',
    complete: 'same',
    return: 'same',
    vanish: 'aborted',
  },
  'rolling-back': {
    pause: 'rollout-returning',
    resume: 'rollout-returning',
    abort: 'aborted',
    retry: 'rollout-returning',
    skip: 'rollout-returning',
    approve: 'rollout-returning',
    'roll-back': 'same',
    supersede: 'superseded',
    threshold: 'same',
    stall: 'same',
    complete: 'same',
    return: 'rolled-back',
    vanish: 'aborted',
  },
  completed: refusals,
  aborted: { ...refusals, abort: 'same' },
  superseded: refusals,
  'rolled-back': { ...refusals, 'roll-back': 'same' },
};
const cells = (Object.keys(expected) as ProgressState[]).flatMap((state) =>
  (Object.keys(expected[state]) as RolloutEventType[]).map((type) => [state, type, expected[state][type]] as const),
);
const codeOf = (work: () => unknown): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof FairwayError ? error.code : String(error);
  }
};

describe('a rollout', () => {
  it('[R10] has a cell for every state and every event', () => {
    expect(cells).toHaveLength(7 * 13);
    expect(cells.every(([state, type]) => typeof rolloutTable[state][type] === 'function')).toBe(true);
  });

  it.each(cells)('[R7, R10] that is %s, told %s: %s', (state, type, outcome) => {
    const before = rollout(examples[state]);
    if (outcome === 'rollout-ended' || outcome === 'rollout-returning') {
      expect(codeOf(() => react(before, events[type], now))).toBe(outcome);
      return;
    }
    const after = react(before, events[type], now);
    if (outcome === 'same') expect(after).toBe(before);
    else expect(after.progress.state).toBe(outcome);
  });

  it('[R7] that is told the same twice is told it once', () => {
    for (const type of ['pause', 'abort', 'skip', 'approve', 'roll-back'] as const) {
      const once = react(rollout(running), events[type], now);
      expect(react(once, events[type], now + 1)).toBe(once);
    }
    const resumed = react(rollout(byHub), events.resume, now);
    expect(react(resumed, events.resume, now + 1)).toBe(resumed);
  });

  it('[R7, X4] that a person pauses where the hub had stopped it says both reasons', () => {
    const { progress } = react(rollout(byHub), events.pause, now);
    expect(progress).toEqual({
      ...{ state: 'paused', since: now, by: 'user:lead' },
      reason: 'paused by user:lead: lunch; it had stopped before: a cluster failed',
    });
  });

  it('[R6] goes back at the threshold where policy says so and something was settled before; else it pauses', () => {
    const { strategy } = rollout(running);
    const rolls = { strategy: { ...strategy, onFailure: 'rollback' } } as const;
    expect(react(rollout(running, rolls), events.threshold, now).progress.state).toBe('rolling-back');
    const first = react(rollout(running, { ...rolls, previous: null }), events.threshold, now);
    expect(first.progress).toMatchObject({ state: 'paused', by: 'hub' });
    expect(codeOf(() => react(rollout(running, { previous: null }), events['roll-back'], now))).toBe(
      'rollout-irreversible',
    );
  });

  it('[R6] gives back to each cluster that was moved, and to no other', () => {
    const { members } = react(rollout(running), events['roll-back'], now);
    expect([...members].map(([name, { state }]) => [name, state])).toEqual([
      ['healthy', 'returning'],
      ['failed', 'returning'],
      ['unreached', 'failed'],
      ['queued', 'pending'],
      ['later', 'pending'],
      ['gone', 'left'],
    ]);
  });

  it('[R6, G1] gives back to who has left too, for when it returns', () => {
    const queued: Member = { ...base, state: 'left', turn: { ...turn, handedOutAt: null } };
    const away = rollout(running, {
      members: new Map<string, Member>([
        ['gone', member.gone],
        ['queued', queued],
      ]),
    });
    const { members } = react(away, events['roll-back'], now);
    expect(members.get('gone')).toEqual({ ...member.gone, turn: { ...turn, back: true } });
    expect(members.get('queued')).toEqual({ ...queued, turn: null });
  });

  it('[R6] says who took it back and why, until it has ended and after that', () => {
    const { strategy } = rollout(running);
    const word = { type: 'roll-back', by: 'user:lead', reason: 'errors since noon' } as const;
    const back = react(rollout(running), word, now);
    expect(back.progress).toMatchObject({ by: 'user:lead', reason: 'errors since noon' });
    expect(react(back, events.return, now + 9).progress).toEqual({
      ...{ state: 'rolled-back', since: now + 9, by: 'user:lead', reason: 'errors since noon' },
    });
    expect(react(rollout(running), { ...word, reason: null }, now).progress).toMatchObject({ reason: 'rolled back' });
    const failed = rollout(running, { strategy: { ...strategy, onFailure: 'rollback' } });
    const { reason } = events.threshold;
    expect(react(failed, events.threshold, now).progress).toMatchObject({ by: 'hub', reason });
  });

  it('goes on without those that failed where a person resumes it', () => {
    const { members } = react(rollout(byHub), events.resume, now);
    expect(members.get('failed')).toMatchObject({ state: 'skipped', turn });
    expect(members.get('healthy')).toBe(member.healthy);
  });

  it('tries again what failed, and goes on by itself where only failures had stopped it', () => {
    const retried = react(rollout(byHub), events.retry, now);
    expect(retried.progress.state).toBe('running');
    expect(retried.members.get('failed')).toMatchObject({ state: 'updating', deadline: now + 500, attempts: 1 });
    expect(retried.members.get('unreached')).toMatchObject({ state: 'pending', attempts: 1 });
    expect(react(rollout(byPerson), events.retry, now).progress).toBe(byPerson);
    const named = { ...events.retry, clusters: ['failed'] };
    expect(react(rollout(running), named, now).members.get('unreached')?.state).toBe('failed');
    expect(codeOf(() => react(rollout(running), { ...named, clusters: ['healthy'] }, now))).toBe(
      'rollout-nothing-to-retry',
    );
    expect(codeOf(() => react(rollout(running), { ...named, clusters: ['nobody'] }, now))).toBe(
      'rollout-cluster-unknown',
    );
    const well = new Map([['healthy', member.healthy]]);
    expect(codeOf(() => react(rollout(running, { members: well }), events.retry, now))).toBe(
      'rollout-nothing-to-retry',
    );
  });

  it('[R7] is paused with nothing left in the queue: that waits for its turn anew, with all of its time', () => {
    const due: Member = { ...base, state: 'due', deadline: now + 9, reason: 'it cannot be reached' };
    const members = new Map<string, Member>([...Object.entries(member), ['due', due]]);
    for (const type of ['pause', 'threshold', 'stall'] as const) {
      const paused = react(rollout(running, { members }), events[type], now);
      const anew = { state: 'due', deadline: null, reason: null };
      expect(paused.members.get('queued')).toEqual({ ...base, ...anew, since: now });
      expect(paused.members.get('due')).toEqual({ ...base, ...anew, since: now });
      for (const name of ['healthy', 'failed', 'unreached', 'later', 'gone'] as const)
        expect(paused.members.get(name)).toBe(member[name]);
    }
  });

  it('[R3] gives one that was skipped before it was handed anything no turn of its own when it is tried again', () => {
    const skipped = react(rollout(running), { ...events.skip, cluster: 'queued' }, now);
    expect(skipped.members.get('queued')).toMatchObject({ state: 'skipped', turn: null });
    const again = { ...events.retry, clusters: ['queued'] };
    expect(react(skipped, again, now).members.get('queued')).toMatchObject({ state: 'pending', attempts: 1 });
    expect(react({ ...skipped, wave: 1 }, again, now).members.get('queued')).toMatchObject({ state: 'due' });
  });

  it('skips one that is not healthy yet, and says why it cannot skip another', () => {
    const { members } = react(rollout(running), { ...events.skip, reason: 'it is on fire' }, now);
    expect(members.get('later')).toMatchObject({
      state: 'skipped',
      turn: null,
      reason: 'skipped by user:lead: it is on fire',
    });
    const healthy = { ...events.skip, cluster: 'healthy' };
    expect(codeOf(() => react(rollout(running), healthy, now))).toBe('rollout-cluster-not-skippable');
  });

  it('[R4] opens the gate of the wave that is named, and says which there are', () => {
    const { waves } = react(rollout(running), events.approve, now);
    expect(waves.map(({ approval }) => approval)).toEqual([null, { by: 'user:lead', at: now }]);
    expect(codeOf(() => react(rollout(running), { ...events.approve, wave: 'three' }, now))).toBe('wave-not-found');
    expect(codeOf(() => react(rollout(running), { ...events.approve, wave: null }, now))).toBe(
      'wave-needs-no-approval',
    );
  });

  it("lets a person's pause take the place of the hub's", () => {
    expect(react(rollout(byHub), events.pause, now).progress).toMatchObject({ state: 'paused', by: 'user:lead' });
  });
});
