import type { Promotion } from '../../proto/rest/promotions.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Seen } from './follow.ts';

/** The hub has held it to its gates, or it has gone through them. */
export function isLookedAt({ promotion: { state, waits } }: Seen): boolean {
  return state !== 'waiting' || waits.length > 0;
}

/** Nothing comes of it any more by itself: it has ended, or clusters failed and its rollout stands until somebody acts. */
export function isOver(seen: Seen): boolean {
  return seen.promotion.endedAt !== null || hasStopped(seen);
}

/** Its rollout was paused by failures. A person who pauses one means to go on. */
export function hasStopped({ rollout }: Seen): boolean {
  return rollout?.state === 'paused' && rollout.pausedBy === 'hub';
}

/**
 * What a script is told of promotions: the worst of them.
 * @param toTheEnd whether what is merely on its way still waits for something
 */
export function exitCodeOfPromotions(seen: readonly Seen[], toTheEnd: boolean): ExitCode {
  const codes = seen.map((each) => {
    if (hasStopped(each)) return exit.failed;
    return toTheEnd && each.promotion.endedAt === null ? exit.waiting : exitCodeOf(each.promotion);
  });
  return [exit.refused, exit.failed, exit.waiting].find((code) => codes.includes(code)) ?? exit.done;
}

function exitCodeOf({ state, waits }: Promotion): ExitCode {
  switch (state) {
    case 'waiting':
    case 'pinned':
      return waits.length > 0 ? exit.waiting : exit.done;
    case 'pinning':
    case 'rolling-out':
    case 'settled':
      return exit.done;
    case 'rejected':
      return exit.refused;
    case 'rolled-back':
    case 'aborted':
    case 'superseded':
    case 'failed':
      return exit.failed;
  }
}
