import { list } from '../names.ts';
import { isUnavailable } from './budget.ts';
import type { RolloutEvent } from './react.ts';
import type { Member, Rollout } from './types.ts';

/** What stops a running rollout; null: nothing does (R6). */
export function stopsFor(rollout: Rollout): Extract<RolloutEvent, { type: 'threshold' | 'stall' }> | null {
  const { strategy, members } = rollout;
  if (!strategy.gated) return null;
  const failed = namesOf(rollout, ({ state }) => state === 'failed');
  if (failed.length >= strategy.failureThreshold) {
    const [first] = failed;
    const why = first === undefined ? null : (members.get(first)?.reason ?? null);
    const clusters = failed.length === 1 ? 'a cluster' : `${failed.length} clusters`;
    return { type: 'threshold', reason: `${clusters} failed: ${list(failed)}${why === null ? '' : ` (${why})`}` };
  }
  const holding = namesOf(rollout, (member) => member.state === 'failed' && isUnavailable(member));
  const waits = [...members.values()].some(({ state, illBefore }) => state === 'due' && !illBefore);
  if (waits && strategy.maxUnavailable !== null && holding.length >= strategy.maxUnavailable) {
    return { type: 'stall', reason: `the clusters that failed take the whole budget: ${list(holding)}` };
  }
  return null;
}

function namesOf({ members }: Rollout, holds: (member: Member) => boolean): string[] {
  return [...members].filter(([, member]) => holds(member)).map(([name]) => name);
}
