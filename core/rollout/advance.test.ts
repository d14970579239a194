import { describe, expect, it } from 'vitest';
import { createWorld, type World } from './random-world.ts';
import type { StrategyChoice } from './strategy.ts';
import type { Strategy, WaveRule } from './types.ts';

const canary: WaveRule = { name: 'canary', maxConcurrent: null, soak: 5_000, approval: false };
const rest: WaveRule = { name: 'rest', maxConcurrent: null, soak: 0, approval: true };
const by = 'user:lead';

/** One cluster first, then the rest by a person's approval. */
const chosen = (more: Partial<Strategy> = {}): StrategyChoice => ({
  choices: [{ count: 1 }, {}],
  strategy: {
    waves: [canary, rest],
    gated: true,
    maxUnavailable: 3,
    failureThreshold: 3,
    progressDeadline: 30_000,
    onFailure: 'pause',
    unreachable: 'skip',
    windows: [],
    ...more,
  },
});
const states = (world: World) =>
  Object.fromEntries([...world.rollout().members].map(([name, { state }]) => [name, state]));
const pass = (world: World, milliseconds: number) => {
  world.happen({ type: 'pass', milliseconds });
  world.look();
};
const apply = (world: World, cluster: number, well = true) => {
  world.happen({ type: 'apply', cluster, well });
  world.look();
};
/** The canary is healthy and has soaked: the rest waits for its approval. */
const atTheGate = (): World => {
  const world = createWorld(chosen(), 3);
  world.look();
  apply(world, 0);
  pass(world, canary.soak);
  expect(world.rollout()).toMatchObject({ wave: 1, wait: { on: 'approval' } });
  return world;
};

describe('the gate of a wave', () => {
  it('[R4, R5] stays shut while a cluster of a wave before is ill, though a person has approved it', () => {
    const world = atTheGate();
    apply(world, 0, false);
    const wait = { on: 'progress', reason: '1 cluster to become healthy: c00', deadline: world.now() + 30_000 };
    expect(world.rollout().wait).toMatchObject(wait);
    world.happen({ type: 'tell', event: { type: 'approve', by, wave: null } });
    world.look();
    expect(states(world)).toEqual({ c00: 'ill', c01: 'pending', c02: 'pending' });
    expect(world.rollout().wait).toMatchObject(wait);
  });

  it('[R4, R5] opens once who fell ill is well again and has soaked anew', () => {
    const world = atTheGate();
    world.happen({ type: 'tell', event: { type: 'approve', by, wave: null } });
    apply(world, 0, false);
    pass(world, 10_000);
    apply(world, 0);
    const { wakeAt } = world.look();
    expect(wakeAt).toBe(world.now() + canary.soak);
    expect(world.rollout().wait).toMatchObject({ on: 'soak', since: world.now(), deadline: wakeAt });
    expect(states(world)).toEqual({ c00: 'healthy', c01: 'pending', c02: 'pending' });
    pass(world, canary.soak);
    expect(states(world)).toEqual({ c00: 'healthy', c01: 'updating', c02: 'updating' });
  });

  it('[R4] is not kept by one of a wave before that has failed, while fewer have than may', () => {
    const world = atTheGate();
    apply(world, 0, false);
    pass(world, 30_000);
    expect(states(world)).toMatchObject({ c00: 'failed' });
    expect(world.rollout().wait).toMatchObject({ on: 'approval' });
    world.happen({ type: 'tell', event: { type: 'approve', by, wave: null } });
    world.look();
    expect(states(world)).toEqual({ c00: 'failed', c01: 'updating', c02: 'updating' });
  });
});

describe('the turns of a rollout', () => {
  const skip = (world: World, cluster: string) => {
    world.happen({ type: 'tell', event: { type: 'skip', by, cluster, reason: null } });
    world.look();
  };
  const all = (more: Partial<Strategy>): StrategyChoice => ({
    choices: [{}],
    strategy: chosen({ waves: [{ ...canary, soak: 0, maxConcurrent: 1 }], maxUnavailable: 1, ...more }).strategy,
  });

  it('[R3] keep to the budget though clusters that were skipped are tried again', () => {
    const world = createWorld(all({}), 3);
    world.look();
    for (const cluster of ['c00', 'c01']) skip(world, cluster);
    expect(states(world)).toEqual({ c00: 'skipped', c01: 'skipped', c02: 'updating' });
    world.happen({ type: 'tell', event: { type: 'retry', by, clusters: ['c00', 'c01'] } });
    world.look();
    expect(states(world)).toEqual({ c00: 'due', c01: 'due', c02: 'updating' });
  });

  it('[R5, R9] outlast a queue that loses them, and have all of their time once they are handed out', () => {
    const world = createWorld(all({ failureThreshold: 1 }), 1);
    world.look();
    for (let count = 0; count < 3; count++) {
      world.happen({ type: 'flush' });
      pass(world, 31_000);
    }
    const { wait, members } = world.rollout();
    expect(members.get('c00')).toMatchObject({ state: 'updating', reason: 'it is to be handed the release' });
    expect(wait).toMatchObject({ on: 'progress', deadline: world.now() + 30_000 });
    pass(world, 29_999);
    apply(world, 0, false);
    expect(world.rollout().wait).toMatchObject({ deadline: world.now() + 30_000 });
    pass(world, 30_000);
    expect(states(world)).toEqual({ c00: 'failed' });
  });

  it('[R7] are not begun while it is paused, and go on with all of their time', () => {
    const world = createWorld(all({ maxUnavailable: 3 }), 3);
    world.look();
    world.happen({ type: 'tell', event: { type: 'pause', by, reason: null } });
    expect(world.look().effects.filter(({ type }) => type === 'hand-out')).toEqual([]);
    apply(world, 0);
    pass(world, 3_600_000);
    expect(states(world)).toEqual({ c00: 'due', c01: 'due', c02: 'due' });
    world.happen({ type: 'tell', event: { type: 'resume', by } });
    world.look();
    expect(world.rollout().members.get('c00')).toMatchObject({ state: 'updating', deadline: world.now() + 30_000 });
  });
});

describe('a rollout that goes back', () => {
  it('[R6] gives who left what was settled when it comes back on the way', () => {
    const world = createWorld({ ...chosen(), choices: [{ count: 2 }, {}] }, 3);
    world.look();
    apply(world, 0);
    apply(world, 1);
    world.happen({ type: 'leave', cluster: 0 });
    world.look();
    world.happen({ type: 'tell', event: { type: 'roll-back', by, reason: null } });
    world.happen({ type: 'join', cluster: 0 });
    world.look();
    expect(states(world)).toEqual({ c00: 'returning', c01: 'returning', c02: 'pending' });
    apply(world, 0);
    apply(world, 1);
    expect(states(world)).toEqual({ c00: 'returned', c01: 'returned', c02: 'pending' });
    expect(world.rollout().progress.state).toBe('rolled-back');
  });
});
