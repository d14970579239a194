import { type Kysely, sql } from 'kysely';
import type { Digest } from '../../../core/canonical.ts';
import type { PlanContent } from '../../../core/change/plan.ts';
import type { EnvironmentSpec } from '../../../core/kinds/environment.ts';
import { mayApprove } from '../../../core/promotion/approvals.ts';
import type { OverridableGate } from '../../../core/promotion/types.ts';
import type { PromotionDetail } from '../../../proto/rest/promotions.ts';
import { loadAddresses } from '../../promotions/people.ts';
import type { Schema } from '../../store/schema.ts';
import { summarisePlan } from '../plans/views.ts';
import { timeText, timeTextOrNull } from '../times.ts';
import { describePromotion, type PromotionRow } from './views.ts';

type Rules = EnvironmentSpec['promotion'];

/** One promotion with what it was asked for, and what was said to it. */
export async function describePromotionWhole(db: Kysely<Schema>, row: PromotionRow): Promise<PromotionDetail> {
  const rules = await loadRules(db, row.environment);
  const [plan, approvals, checks, overrides] = await Promise.all([
    readPlan(db, row.plan_digest),
    loadApprovals(db, row, rules),
    loadChecks(db, row, rules?.checks ?? []),
    db.selectFrom('overrides').selectAll().where('promotion', '=', row.id).orderBy('at').orderBy('name').execute(),
  ]);
  return {
    ...describePromotion(row),
    plan: plan === null ? null : summarisePlan(plan),
    approvals,
    checks,
    overrides: overrides.map(({ gate, name, actor, reason, at }) => ({
      ...{ gate: gate as OverridableGate, name, actor, reason, at: timeText(at) },
    })),
  };
}

/** A stored plan; null where there is none. */
export async function readPlan(
  db: Kysely<Schema>,
  digest: string | null,
): Promise<{ readonly digest: Digest; readonly content: PlanContent } | null> {
  if (digest === null) return null;
  const row = await db.selectFrom('plans').selectAll().where('digest', '=', digest).executeTakeFirst();
  return row === undefined ? null : { digest: row.digest as Digest, content: row.content as PlanContent };
}

/** The environment's rules as they are now; null where it is declared no more. */
async function loadRules(db: Kysely<Schema>, environment: string): Promise<Rules | null> {
  const row = await db
    .selectFrom('declarations')
    .select('spec')
    .where('kind', '=', 'Environment')
    .where('name', '=', environment)
    .executeTakeFirst();
  return row === undefined ? null : (row.spec as EnvironmentSpec).promotion;
}

async function loadApprovals(
  db: Kysely<Schema>,
  { id, plan_digest, requested_by: requestedBy, authors }: PromotionRow,
  rules: Rules | null,
): Promise<PromotionDetail['approvals']> {
  const rows = await db.selectFrom('approvals').selectAll().where('promotion', '=', id).orderBy('id').execute();
  const addresses = await loadAddresses(db, [requestedBy, ...rows.map(({ actor }) => actor)]);
  const promotion = { requestedBy, requesterAddress: addresses.get(requestedBy) ?? null, authors };
  const items = rows.map(
    ({ actor, role, decision, plan_digest: planDigest, reason, at, voided_at, voided_reason }) => ({
      ...{ actor, role, decision, planDigest, reason, at: timeText(at) },
      counts:
        rules !== null &&
        decision === 'approve' &&
        voided_at === null &&
        planDigest === plan_digest &&
        mayApprove(promotion, rules.approvals, { actor, role, address: addresses.get(actor) ?? null }) === null,
      voidedAt: timeTextOrNull(voided_at),
      voidedReason: voided_reason,
    }),
  );
  return {
    required: rules?.approvals.required ?? 0,
    given: new Set(items.filter(({ counts }) => counts).map(({ actor }) => actor)).size,
    from: [...(rules?.approvals.from ?? [])],
    items,
  };
}

/** What the environment asks for, and the latest verdict on it (P4). */
async function loadChecks(
  db: Kysely<Schema>,
  { release, environment }: PromotionRow,
  names: readonly string[],
): Promise<PromotionDetail['checks']> {
  const rows =
    release === null
      ? []
      : await db
          .selectFrom('checks')
          .distinctOn('name')
          .selectAll()
          .where('release', '=', release)
          .where(sql<boolean>`(environment is null or environment = ${environment})`)
          .orderBy('name')
          .orderBy('id', 'desc')
          .execute();
  const latest = new Map(rows.map((row) => [row.name, row]));
  return names.map((name) => {
    const check = latest.get(name);
    return {
      name,
      verdict: check?.verdict ?? null,
      detail: check?.detail ?? null,
      url: check?.url ?? null,
      at: timeTextOrNull(check?.at ?? null),
    };
  });
}
