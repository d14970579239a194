import { FairwayError } from '../../core/errors.ts';
import type { PromotionDetail } from '../../proto/rest/promotions.ts';
import type { Client } from '../client.ts';
import { findPromotion } from './find.ts';

export interface Verdict {
  /** Where the application stands for a promotion; null: wherever one waits. */
  readonly environment: string | null;
  readonly reason: string | undefined;
  /** The plan that was looked at; undefined: as it is now. */
  readonly plan: string | undefined;
}

/**
 * Approves or rejects a promotion, for the plan that was looked at (P2).
 * @throws FairwayError `plan-missing` where it has none yet, and what the hub refuses
 */
export async function decide(
  client: Client,
  decision: 'approve' | 'reject',
  name: string,
  { environment, reason, plan }: Verdict,
): Promise<PromotionDetail> {
  const id = await findPromotion(client, name, environment);
  if (decision === 'reject') return client.send('POST', `/promotions/${id}/reject`, { reason });
  const digest = plan ?? (await client.get<PromotionDetail>(`/promotions/${id}`)).planDigest;
  if (digest !== null) return client.send('POST', `/promotions/${id}/approve`, { plan: digest, reason });
  throw new FairwayError('plan-missing', `Promotion ${id} has no plan yet: there is nothing to approve.`, {
    remedy: `see what keeps it from one with \`fairway promotion show ${id}\``,
    details: { status: 409 },
  });
}
