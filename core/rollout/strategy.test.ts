import { describe, expect, it } from 'vitest';
import { check } from '../kinds/check.ts';
import { EnvironmentSpec } from '../kinds/environment.ts';
import { strategyOf } from './strategy.ts';

function environment(spec: Record<string, unknown>): EnvironmentSpec {
  const { value, issues } = check(EnvironmentSpec, { clusters: {}, ...spec });
  expect(issues).toEqual([]);
  return value as EnvironmentSpec;
}

describe('strategyOf', () => {
  it('[R1] takes what the environment declares: durations, counts and shares as numbers', () => {
    const rollout = {
      waves: [
        { name: 'canary', clusters: { matchLabels: { ring: 'canary' } }, soak: '10m' },
        { name: 'rest', maxConcurrent: 50, approval: true },
      ],
      maxUnavailable: '10%',
      failureThreshold: 2,
      progressDeadline: '1h30m',
      onFailure: 'rollback',
      unreachable: 'wait',
    };
    const { strategy, choices } = strategyOf(
      environment({ promotion: { from: ['staging'], windows: ['mornings'] }, rollout }),
      'release',
      41,
    );
    expect(strategy).toEqual({
      waves: [
        { name: 'canary', maxConcurrent: null, soak: 600_000, approval: false },
        { name: 'rest', maxConcurrent: 50, soak: 0, approval: true },
      ],
      gated: true,
      maxUnavailable: 5,
      failureThreshold: 2,
      progressDeadline: 5_400_000,
      onFailure: 'rollback',
      unreachable: 'wait',
      windows: ['mornings'],
    });
    expect(choices[0]?.clusters).toEqual({ matchLabels: { ring: 'canary' } });
  });

  it('begins with one cluster, then takes a quarter, then the rest, where an environment that is promoted to says nothing', () => {
    const { strategy, choices } = strategyOf(environment({ promotion: { from: ['staging'] } }), 'release', 10);
    expect(choices.map(({ count, percent }) => count ?? percent)).toEqual([1, 25, undefined]);
    expect(strategy).toMatchObject({ gated: true, maxUnavailable: 3 });
  });

  it('gives everything at once where the head is followed and no waves are named, and keeps to those that are', () => {
    expect(strategyOf(environment({}), 'release', 10).strategy).toMatchObject({ gated: false, maxUnavailable: null });
    const { strategy } = strategyOf(environment({ rollout: { waves: [{ name: 'all' }] } }), 'release', 10);
    expect(strategy).toMatchObject({ gated: true, maxUnavailable: 3 });
  });

  it('[R6] rolls back at once, through no gate', () => {
    const spec = environment({ promotion: { from: ['staging'], windows: ['mornings'] } });
    const { strategy } = strategyOf(spec, 'rollback', 10);
    expect(strategy).toMatchObject({ gated: false, maxUnavailable: null, windows: [] });
    expect(strategy.waves).toHaveLength(1);
  });

  it.each([
    [0, 10, 1],
    ['0%', 10, 1],
    ['10%', 5, 1],
    ['10%', 11, 2],
    [7, 10, 7],
  ])('[R3] lets %s of %d be unavailable: %d', (maxUnavailable, size, expected) => {
    const spec = environment({ promotion: { from: ['staging'] }, rollout: { maxUnavailable } });
    expect(strategyOf(spec, 'release', size).strategy.maxUnavailable).toBe(expected);
  });
});
