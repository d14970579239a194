import { milliseconds } from '../duration.ts';
import type { EnvironmentSpec } from '../kinds/environment.ts';
import type { MoveKind } from '../promotion/types.ts';
import { share, type WaveChoice } from './plan-waves.ts';
import type { Strategy, WaveRule } from './types.ts';

/** A strategy, and who is in each of its waves. */
export interface StrategyChoice {
  readonly strategy: Strategy;
  /** As many as the strategy has waves. */
  readonly choices: readonly WaveChoice[];
}

type Wave = NonNullable<EnvironmentSpec['rollout']['waves']>[number];

/** Where an environment that is promoted to names no waves. */
const cautious: readonly Wave[] = [
  { name: 'first', count: 1, approval: false },
  { name: 'quarter', percent: 25, approval: false },
  { name: 'rest', approval: false },
];

/**
 * The strategy of a rollout, as its environment declares it now (R1).
 * - A rollback gives everything back at once, through no gate (R6).
 * - An environment that follows the head and names no waves gives everything at once: whoever commits, decides.
 * - One that is promoted to and names no waves begins with one cluster, then takes a quarter, then the rest.
 * @param size how many clusters the environment has: what shares are shares of
 */
export function strategyOf(
  { promotion, rollout }: Pick<EnvironmentSpec, 'promotion' | 'rollout'>,
  kind: MoveKind,
  size: number,
): StrategyChoice {
  const followsHead = promotion.from.length === 0;
  const isGated = kind !== 'rollback' && (rollout.waves !== undefined || !followsHead);
  const waves = isGated ? (rollout.waves ?? cautious) : [{ name: 'all', approval: false }];
  return {
    choices: waves.map(({ clusters, count, percent }) => ({ clusters, count, percent })),
    strategy: {
      waves: waves.map(ruleOf),
      gated: isGated,
      maxUnavailable: isGated ? budgetOf(rollout.maxUnavailable, size) : null,
      failureThreshold: rollout.failureThreshold,
      progressDeadline: milliseconds(rollout.progressDeadline),
      onFailure: rollout.onFailure,
      unreachable: rollout.unreachable,
      windows: kind === 'rollback' ? [] : promotion.windows,
    },
  };
}

function ruleOf({ name, maxConcurrent, soak = '0s', approval }: Wave): WaveRule {
  return { name, maxConcurrent: maxConcurrent ?? null, soak: milliseconds(soak), approval };
}

/** A share is rounded up; it is never less than one (R3). */
function budgetOf(maxUnavailable: number | string, size: number): number {
  const count = typeof maxUnavailable === 'number' ? maxUnavailable : share(Number.parseInt(maxUnavailable, 10), size);
  return Math.max(1, count);
}
