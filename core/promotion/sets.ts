import type { Unmet } from './gates.ts';
import type { PromotionState } from './types.ts';
import type { RequestedPromotion } from './world.ts';

/** Ended otherwise than by settling: what goes in one commit with it, or after it, cannot go any more. */
export const lostStates: ReadonlySet<PromotionState> = new Set([
  'rolled-back',
  'rejected',
  'aborted',
  'superseded',
  'failed',
]);

/** Why a set can no longer be one commit: one of it goes no further (G10); null: it can. */
export function brokenSet({ set }: RequestedPromotion): string | null {
  const lost = set.find(({ state }) => lostStates.has(state));
  return lost === undefined ? null : `${lost.application}, which is promoted in one commit with it, was ${lost.state}`;
}

/** A set is one commit: each of it waits until all are ready (G10). */
export function setGate({ set }: RequestedPromotion): Unmet[] {
  return set
    .filter(({ ready }) => !ready)
    .map(({ application }) => {
      const reason = `${application}, which is promoted in one commit with it, is not ready`;
      return { gate: 'set', name: application, reason, since: null, deadline: null };
    });
}

/** What is pinned together: those that have gone on already, for Git said so before, are not called back (R2). */
export function pinnedTogether({ id, set }: RequestedPromotion): readonly number[] {
  return [id, ...set.filter(({ state }) => state === 'waiting').map(({ promotion }) => promotion)];
}
