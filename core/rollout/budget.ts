import type { Member, Observed, Rollout } from './types.ts';

/**
 * True where a member takes of the budget: it is being updated or goes back, or it fell ill or silent after its turn
 * came. One that was ill before takes none, nor does one that is excused (R3).
 */
export function isUnavailable(member: Member): boolean {
  if (member.illBefore) return false;
  switch (member.state) {
    case 'updating':
    case 'ill':
    case 'returning':
      return true;
    case 'failed':
      return member.turn !== null;
    case 'pending':
    case 'due':
    case 'healthy':
    case 'skipped':
    case 'left':
    case 'returned':
      return false;
  }
}

/** The places that rollouts take in an environment, and how many there are. */
export interface Budget {
  /** Clusters that are unavailable because of a rollout, this one or another. */
  readonly taken: Set<string>;
  /** Infinity: no bound. */
  readonly limit: number;
}

export function budgetOf({ strategy, members }: Rollout, { elsewhere }: Pick<Observed, 'elsewhere'>): Budget {
  const taken = new Set(elsewhere);
  for (const [name, member] of members) if (isUnavailable(member)) taken.add(name);
  return { taken, limit: strategy.maxUnavailable ?? Number.POSITIVE_INFINITY };
}

/** True where a cluster may be updated now: it takes no place, has one already, or there is one left. */
export function hasPlace({ taken, limit }: Budget, name: string, { illBefore }: Member): boolean {
  return illBefore || taken.has(name) || taken.size < limit;
}
