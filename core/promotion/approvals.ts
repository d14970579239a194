import { covers, isRole } from '../access.ts';
import type { EnvironmentSpec } from '../kinds/environment.ts';
import type { ApprovalFacts, RequestedPromotion } from './world.ts';

type Rules = EnvironmentSpec['promotion']['approvals'];

export interface ApprovalCount {
  /** How many count. */
  readonly given: number;
  readonly required: number;
  /** Those that are void, and why (P2). */
  readonly voided: readonly { readonly id: number; readonly reason: string }[];
}

/**
 * How many approvals of a promotion count: of its plan as it is now, by people of the roles that the environment asks,
 * and by nobody who may not (P2, P3).
 * @param plan the digest of its plan; null: it has none now, and nothing counts
 */
export function countApprovals(promotion: RequestedPromotion, rules: Rules, plan: string | null): ApprovalCount {
  const voided = promotion.approvals
    .filter(({ planDigest }) => plan !== null && planDigest !== plan)
    .map(({ id }) => ({ id, reason: 'the plan changed: what was approved is not what would happen now' }));
  const counting = new Set(
    promotion.approvals
      .filter((approval) => approval.planDigest === plan && mayApprove(promotion, rules, approval) === null)
      .map(({ actor }) => actor),
  );
  return { given: counting.size, required: rules.required, voided };
}

/** Why somebody's approval does not count. */
export type ApprovalRefusal = 'role-not-asked' | 'own-promotion' | 'own-commits';

/**
 * Whether somebody's approval of a promotion counts (P3). A role that may do all that one of those asked for may do,
 * counts as that one.
 * @returns null where it counts
 */
export function mayApprove(
  { requestedBy, requesterAddress, authors }: Pick<RequestedPromotion, 'requestedBy' | 'requesterAddress' | 'authors'>,
  rules: Rules,
  { actor, role, address }: Pick<ApprovalFacts, 'actor' | 'role' | 'address'>,
): ApprovalRefusal | null {
  if (!isRole(role) || !rules.from.some((subject) => coversSubject(role, subject))) return 'role-not-asked';
  if (actor === requestedBy || (address !== null && address === requesterAddress)) return 'own-promotion';
  if (!rules.allowAuthor && address !== null && authors?.includes(address) === true) return 'own-commits';
  return null;
}

function coversSubject(role: Parameters<typeof covers>[0], subject: string): boolean {
  const asked = subject.slice('role:'.length);
  return isRole(asked) && covers(role, asked);
}
