import type { Member, MemberProgress, Turn } from './types.ts';

/** The turn that a member has had; null: none. */
export function turnOf(member: Member): Turn | null {
  return 'turn' in member ? member.turn : null;
}

/** The turn of which something came; null: the queue had not come to it, so that nothing was given. */
export function handedTurn(member: Member): Turn | null {
  const turn = turnOf(member);
  return turn === null || turn.handedOutAt === null ? null : turn;
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
