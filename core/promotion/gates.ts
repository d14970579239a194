import { countApprovals } from './approvals.ts';
import { absenceGate } from './dependencies.ts';
import { type Standing, standings } from './eligibility.ts';
import { rolloutGate } from './rollout-gate.ts';
import type { Gate, GateWait } from './types.ts';
import { closedWindows } from './windows.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion } from './world.ts';

/** How a promotion stands before its environment's gates. */
export interface GateReport {
  /** Those that are not met, in the order of the gates; none: it may go. */
  readonly waits: readonly GateWait[];
  /** Why it can never go, whatever happens; null: it can. */
  readonly refusal: string | null;
  /** Approvals that are void (P2). */
  readonly voided: readonly { readonly id: number; readonly reason: string }[];
}

/** A gate that is not met, before it is known since when. */
export interface Unmet {
  readonly gate: Gate;
  readonly name: string | null;
  readonly reason: string;
  /** Null: since the hub has seen it. */
  readonly since: number | null;
  readonly deadline: number | null;
}

/**
 * Holds a promotion to every gate of its environment (P1, P2, P4, P5, P7). Whatever a person has opened by force is
 * met; whatever else is not met is told, each with its reason, since when and until when.
 * @param now milliseconds since the epoch
 */
export function reportGates(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): GateReport {
  const approvals = countApprovals(promotion, environment.rules.approvals, digestOf(promotion));
  const found = [
    ...releaseGate(promotion),
    ...planGate(promotion),
    ...originGates(world, environment, promotion, now),
    ...checkGate(environment, promotion),
    ...approvalGate(approvals, environment, promotion),
    ...holdGate(environment, promotion),
    ...windowGate(environment, promotion, now),
    ...rolloutGate(world, environment, promotion, now),
    ...absenceGate(world, environment, promotion),
  ];
  const forced = new Set<Gate>(promotion.overrides);
  const closed = found.filter(({ gate }) => !forced.has(gate));
  return {
    waits: closed.map((unmet) => timed(unmet, promotion.waits, now)),
    refusal: promotion.overrides.includes('check') ? null : failedCheck(environment, promotion),
    voided: approvals.voided,
  };
}

/** A wait goes on from when it began, though its reason may have changed. */
export function timed(unmet: Unmet, before: readonly GateWait[], now: number): GateWait {
  const known = before.find(({ gate, name }) => gate === unmet.gate && name === unmet.name);
  return { ...unmet, since: unmet.since ?? known?.since ?? now };
}

/** True where people are to see what it does before it goes: not where an environment follows the head without asking. */
export function needsPlan(promotion: Pick<RequestedPromotion, 'origin'>, { rules }: EnvironmentFacts): boolean {
  return promotion.origin !== 'head' || rules.approvals.required > 0;
}

function digestOf({ plan }: RequestedPromotion): string | null {
  return plan !== null && 'digest' in plan ? plan.digest : null;
}

/** Its commit has to become a release first. */
export function releaseGate({ release, kind, target }: RequestedPromotion): Unmet[] {
  if (kind === 'removal' || release !== null) return [];
  const reason = `commit ${target?.revision.slice(0, 12)} is no release of the application yet`;
  return [{ gate: 'plan', name: null, reason, since: null, deadline: null }];
}

function planGate({ plan, release }: RequestedPromotion): Unmet[] {
  if (release === null) return [];
  if (plan === null || 'digest' in plan) return [];
  return [{ gate: 'plan', name: null, reason: plan.failure, since: null, deadline: null }];
}

function originGates(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): Unmet[] {
  const release = promotion.release === null ? undefined : world.releases.get(promotion.release);
  if (promotion.kind !== 'release' || release === undefined) return [];
  return standings(world, release, environment, now).flatMap((standing) => unmetStanding(standing));
}

function unmetStanding(standing: Standing): Unmet[] {
  switch (standing.type) {
    case 'soaked':
      return [];
    case 'soaking': {
      const { from, reason, since, until } = standing;
      return [{ gate: 'soak', name: from, reason, since, deadline: until }];
    }
    case 'unsettled':
    case 'passed': {
      const { from, reason } = standing;
      return [{ gate: 'eligibility', name: from, reason, since: null, deadline: null }];
    }
  }
}

function checkGate({ rules }: EnvironmentFacts, { checks, kind }: RequestedPromotion): Unmet[] {
  if (kind !== 'release') return [];
  return rules.checks.flatMap((name): Unmet[] => {
    const wait = { gate: 'check', name, deadline: null } as const;
    const check = checks.get(name);
    if (check === undefined) return [{ ...wait, reason: `check ${name} has not reported`, since: null }];
    if (check.verdict !== 'inconclusive') return [];
    const detail = check.detail === null ? '' : ` (${check.detail})`;
    return [{ ...wait, reason: `check ${name} is inconclusive${detail}: a person decides`, since: check.at }];
  });
}

/** A failed check refuses (P4). */
function failedCheck({ rules }: EnvironmentFacts, { checks, kind }: RequestedPromotion): string | null {
  if (kind !== 'release') return null;
  for (const name of rules.checks) {
    const check = checks.get(name);
    if (check?.verdict === 'fail') return `check ${name} failed${check.detail === null ? '' : `: ${check.detail}`}`;
  }
  return null;
}

function approvalGate(
  { given, required }: { readonly given: number; readonly required: number },
  { rules }: EnvironmentFacts,
  { kind }: RequestedPromotion,
): Unmet[] {
  if (given >= required || (kind === 'removal' && rules.removal === 'auto')) return [];
  const from = rules.approvals.from.map((subject) => subject.slice('role:'.length)).join(' or ');
  const reason = `${given} of ${required} approvals by ${from}`;
  return [{ gate: 'approval', name: null, reason, since: null, deadline: null }];
}

function holdGate({ pin }: EnvironmentFacts, { kind }: RequestedPromotion): Unmet[] {
  const hold = pin?.spec.hold;
  if (hold === undefined || kind === 'rollback') return [];
  return [{ gate: 'hold', name: null, reason: `held by ${hold.by}: ${hold.reason}`, since: null, deadline: null }];
}

function windowGate({ windows }: EnvironmentFacts, { openedWindows }: RequestedPromotion, now: number): Unmet[] {
  const closed = closedWindows(windows, now, openedWindows);
  return closed.map(({ opens, ...window }) => ({ gate: 'window', ...window, deadline: opens }));
}
