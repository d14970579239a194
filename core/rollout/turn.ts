import type { Member, MemberProgress, Turn } from './types.ts';

/** The turn that a member has had; null: none. */
export function turnOf(member: Member): Turn | null {
  return 'turn' in member ? member.turn : null;
}

/** A member in its next state. */
export function move(
  { wave, illBefore, attempts }: Member,
  next: MemberProgress,
  now: number,
  reason: string | null,
): Member {
  return { wave, illBefore, attempts, since: now, reason, ...next };
}
