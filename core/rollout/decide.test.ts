import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairwayError } from '../errors.ts';
import { isActive } from './active.ts';
import { budgetOf } from './budget.ts';
import { decide } from './decide.ts';
import { createWorld, type Happening, type World } from './random-world.ts';
import type { RolloutEvent } from './react.ts';
import type { StrategyChoice } from './strategy.ts';
import { turnOf } from './turn.ts';
import type { Member, Rollout, Strategy, WaveRule } from './types.ts';

const wave = fc.record({
  rule: fc.record({
    name: fc.constant('wave'),
    maxConcurrent: fc.option(fc.integer({ min: 1, max: 3 })),
    soak: fc.constantFrom(0, 0, 5_000),
    approval: fc.constantFrom(false, false, false, true),
  }),
  choice: fc.record(
    { count: fc.integer({ min: 1, max: 3 }), percent: fc.constantFrom(10, 25, 50) },
    { requiredKeys: [] },
  ),
});
const chosen: fc.Arbitrary<StrategyChoice> = fc
  .record({
    waves: fc.array(wave, { minLength: 1, maxLength: 4 }),
    strategy: fc.record({
      gated: fc.constantFrom(true, true, true, false),
      maxUnavailable: fc.integer({ min: 1, max: 4 }),
      failureThreshold: fc.integer({ min: 1, max: 3 }),
      progressDeadline: fc.constant(30_000),
      onFailure: fc.constantFrom('pause', 'rollback'),
      unreachable: fc.constantFrom('skip', 'wait', 'fail'),
      windows: fc.constant([]),
    }),
  })
  .map(({ waves, strategy }) => ({
    choices: waves.map(({ choice }) => choice),
    strategy: {
      ...(strategy as Omit<Strategy, 'waves'>),
      maxUnavailable: strategy.gated ? strategy.maxUnavailable : null,
      waves: waves.map(({ rule }, index): WaveRule => ({ ...rule, name: `wave-${index}` })),
    },
  }));

const cluster = fc.nat({ max: 11 });
const named = cluster.map((index) => `c${String(index).padStart(2, '0')}`);
const by = 'user:lead';
const told: fc.Arbitrary<RolloutEvent> = fc.oneof(
  fc.constantFrom<RolloutEvent>(
    { type: 'pause', by, reason: null },
    { type: 'resume', by },
    { type: 'resume', by },
    { type: 'retry', by, clusters: null },
    { type: 'approve', by, wave: null },
    { type: 'roll-back', by, reason: null },
  ),
  named.map((name): RolloutEvent => ({ type: 'skip', by, cluster: name, reason: null })),
  named.map((name): RolloutEvent => ({ type: 'retry', by, clusters: [name] })),
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('apply'), cluster, well: fc.constantFrom(true, true, true, false) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('pass'), milliseconds: fc.constantFrom(10, 5_000, 31_000, 61_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('connect', 'disconnect', 'cordon', 'uncordon', 'join', 'leave'),
      cluster,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('elsewhere'), clusters: fc.array(cluster, { maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('window', 'drift', 'block'), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Happening>({ type: 'flush' }) },
  { weight: 2, arbitrary: told.map((event): Happening => ({ type: 'tell', event })) },
) as fc.Arbitrary<Happening>;

const history = fc.record({
  chosen,
  size: fc.integer({ min: 0, max: 9 }),
  happenings: fc.array(happening, { maxLength: 60 }),
});

/** Lets it all happen, looking after each thing; what a person may not ask for is refused and changes nothing. */
function live(world: World, happenings: readonly Happening[]): void {
  world.look();
  for (const each of happenings) {
    try {
      world.happen(each);
    } catch (error) {
      if (!(error instanceof FairwayError)) throw error;
    }
    world.look();
  }
}

const given = (before: Rollout, after: Rollout): [string, Member][] =>
  [...after.members].filter(([name, member]) => {
    const old = before.members.get(name);
    return turnOf(member) !== null && (old === undefined || turnOf(old) === null);
  });

const isQueued = (member: Member): boolean => member.state === 'updating' && member.turn.handedOutAt === null;

const inEvery = (check: (decided: World['decisions'][number]) => void) =>
  fc.assert(
    fc.property(history, ({ chosen: strategy, size, happenings }) => {
      const world = createWorld(strategy, size);
      live(world, happenings);
      for (const decided of world.decisions) check(decided);
    }),
    { numRuns: 400 },
  );

describe('decide', () => {
  it('[R3] never gives a cluster its turn beyond the budget, whatever happened before', () => {
    inEvery(({ before, observed, decision: { state } }) => {
      const { limit, taken } = budgetOf(state, observed);
      const taking = given(before, state).filter(
        ([name, { illBefore, state: now }]) => !illBefore && now === 'updating' && !observed.elsewhere.has(name),
      );
      if (taking.length > 0) expect(taken.size).toBeLessThanOrEqual(limit);
    });
  });

  it('[R4] begins a wave only when every cluster of those before is healthy or excused, and has soaked', () => {
    inEvery(({ now, before, observed, decision: { state } }) => {
      if (!state.strategy.gated) return;
      for (const [position, { progress }] of state.waves.entries()) {
        const old = before.waves[position]?.progress.state;
        if (progress.state === 'pending' || progress.state === 'waiting' || old === progress.state) continue;
        if (old !== 'pending' && old !== 'waiting') continue;
        for (const { progress: is } of state.waves.slice(0, position)) expect(is.state).toBe('done');
        const earlier = [...state.members.values()].filter(({ wave }) => wave < position);
        for (const { state: is } of earlier) expect(['healthy', 'failed', 'skipped', 'left']).toContain(is);
        if (progress.state === 'rolling') {
          for (const { wave, state: is, since } of earlier) {
            if (is === 'healthy') expect(now - since).toBeGreaterThanOrEqual(state.strategy.waves[wave]?.soak ?? 0);
          }
          expect(observed.drift).toBeNull();
          expect(observed.closedWindow).toBeNull();
          if (state.strategy.waves[position]?.approval === true) expect(state.waves[position]?.approval).not.toBeNull();
        }
      }
    });
  });

  it('gives turns only to waves that have begun, and none while it does not run', () => {
    inEvery(({ before, decision: { state } }) => {
      const turns = given(before, state);
      if (before.progress.state !== 'running') expect(turns).toEqual([]);
      for (const [, { wave }] of turns) expect(wave).toBeLessThanOrEqual(state.wave);
    });
  });

  it('[R7] leaves nothing in the queue while it does not run', () => {
    inEvery(({ decision: { state, effects } }) => {
      if (state.progress.state === 'running') return;
      expect(effects.filter(({ type }) => type === 'hand-out')).toEqual([]);
      expect([...state.members.values()].filter(isQueued)).toEqual([]);
    });
  });

  it('[R5, R8] lets no cluster fail for what it was never handed, but by policy, and gives each its whole time', () => {
    inEvery(({ now, before, observed, decision: { state } }) => {
      for (const [name, member] of state.members) {
        const old = before.members.get(name);
        if (member.state === 'failed' && old !== undefined && isQueued(old)) {
          expect(state.strategy.unreachable).toBe('fail');
          expect(observed.members?.get(name)?.silentAt).toBeLessThanOrEqual(now);
        }
        const handedOutAt = turnOf(member)?.handedOutAt;
        if (member.state !== 'updating' || handedOutAt == null) continue;
        expect(member.deadline).toBeGreaterThanOrEqual(handedOutAt + state.strategy.progressDeadline);
      }
    });
  });

  it('keeps within the concurrency of each wave', () => {
    inEvery(({ before, decision: { state } }) => {
      for (const [position, { maxConcurrent }] of state.strategy.waves.entries()) {
        if (maxConcurrent === null) continue;
        const inWave = given(before, state).filter(
          ([, member]) => member.wave === position && member.state === 'updating',
        );
        const updating = [...state.members.values()].filter(
          (member) => member.wave === position && member.state === 'updating',
        );
        if (inWave.length > 0) expect(updating.length).toBeLessThanOrEqual(maxConcurrent);
      }
    });
  });

  it('[R2, R6] takes nothing back but by a rollback', () => {
    inEvery(({ before, decision: { state } }) => {
      for (const [name, old] of before.members) {
        const turn = turnOf(old);
        const member = state.members.get(name);
        expect(member).toBeDefined();
        // What the queue has not come to was not given, so that nothing is taken back.
        if (turn === null || turn.handedOutAt === null || member === undefined) continue;
        const next = turnOf(member);
        const isRollback = state.progress.state === 'rolling-back' || state.progress.state === 'rolled-back';
        expect(next).toEqual(isRollback ? { ...turn, back: true } : turn);
      }
    });
  });

  it('[R5] says of every active rollout what it waits for, and wakes for every deadline, never in the past', () => {
    inEvery(({ now, decision: { state, wakeAt } }) => {
      if (wakeAt !== null) expect(wakeAt).toBeGreaterThan(now);
      expect(state.wait !== null).toBe(isActive(state));
      if (!isActive(state)) return expect(wakeAt).toBeNull();
      const { deadline = null, on } = state.wait ?? {};
      if (deadline === null) expect(['approval', 'window', 'drift', 'budget', 'pause']).toContain(on);
      else expect(wakeAt).not.toBeNull();
    });
  });

  it('[R9] decides nothing new on the same world', () => {
    fc.assert(
      fc.property(history, ({ chosen: strategy, size, happenings }) => {
        const world = createWorld(strategy, size);
        live(world, happenings);
        const { state } = world.look();
        const { observed } = world.decisions.at(-1) ?? {};
        if (observed === undefined) return;
        expect(decide(state, observed, world.now()).state).toBe(state);
      }),
      { numRuns: 400 },
    );
  });

  it('[R10] makes the same run of the same history', () => {
    fc.assert(
      fc.property(history, ({ chosen: strategy, size, happenings }) => {
        const runs = [0, 1].map(() => {
          const world = createWorld(strategy, size);
          live(world, happenings);
          return world.decisions.map(({ decision }) => ({ ...decision, members: [...decision.state.members] }));
        });
        expect(runs[1]).toEqual(runs[0]);
      }),
      { numRuns: 100 },
    );
  });

  it('[R10] ends every run, once the world settles and people answer', () => {
    fc.assert(
      fc.property(history, ({ chosen: strategy, size, happenings }) => {
        const world = createWorld(strategy, size);
        live(world, happenings);
        world.settle();
        const { progress, members } = world.rollout();
        expect(['completed', 'rolled-back']).toContain(progress.state);
        if (progress.state === 'completed' && strategy.strategy.gated) {
          const states = new Set([...members.values()].map(({ state }) => state));
          for (const state of states) expect(['healthy', 'skipped', 'left', 'failed']).toContain(state);
        }
      }),
      { numRuns: 400 },
    );
  });
});
