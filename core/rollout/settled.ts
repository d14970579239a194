import type { Member, Rollout } from './types.ts';

/** True while a cluster of this wave, or of one before it, is neither healthy nor excused. */
export function isOpen({ members, strategy }: Rollout, wave: number): boolean {
  return [...members.values()].some((member) => member.wave <= wave && !isSettled(member, strategy.gated));
}

/** Healthy, or excused: by policy, because it left, or because fewer have failed than may. */
function isSettled({ state }: Member, gated: boolean): boolean {
  switch (state) {
    case 'healthy':
    case 'failed':
    case 'skipped':
    case 'left':
    case 'returned':
      return true;
    case 'updating':
    case 'ill':
      return !gated;
    case 'pending':
    case 'due':
    case 'returning':
      return false;
  }
}

/**
 * Since when the healthy clusters of the waves before the one under way have been so, and from when on each has been
 * for as long as its wave soaks: one that fell ill after its wave was done soaks anew (R4). Null: they all have.
 */
export function soakAgain(
  { members, wave, strategy }: Rollout,
  now: number,
): { readonly since: number; readonly until: number } | null {
  if (!strategy.gated) return null;
  let latest = { since: now, until: now };
  for (const { state, wave: own, since } of members.values()) {
    if (state !== 'healthy' || own >= wave) continue;
    const until = since + (strategy.waves[own]?.soak ?? 0);
    if (until > latest.until) latest = { since, until };
  }
  return latest.until > now ? latest : null;
}
