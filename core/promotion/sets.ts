import type { Unmet } from './gates.ts';
import type { RequestedPromotion } from './world.ts';

/** Why a set can no longer be one commit: one of it goes no further (G10); null: it can. */
export function brokenSet({ set }: RequestedPromotion): string | null {
  const lost = set.find(({ state }) => state === 'rejected' || state === 'aborted' || state === 'superseded');
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
