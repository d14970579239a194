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
