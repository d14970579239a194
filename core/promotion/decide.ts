import { canonicalJson } from '../canonical.ts';
import { automaticRelease, headToFollow, isListed, isSoaked, openAutomatically } from './automatic.ts';
import { dependencyGate, lostDependency } from './dependencies.ts';
import { standings } from './eligibility.ts';
import { type GateReport, needsPlan, releaseGate, reportGates, timed } from './gates.ts';
import { judgePin } from './judge-pin.ts';
import { isSamePin, pinOf } from './pin.ts';
import { brokenSet, pinnedTogether, setGate } from './sets.ts';
import { settleRollout } from './settle-rollout.ts';
import type { PromotionDecision, PromotionStep } from './steps.ts';
import type { GateWait } from './types.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion, UndeclaredEnvironment } from './world.ts';

/**
 * What is to happen next with the promotions of an application, in each of its environments. Pure: the caller reads
 * the world, writes what is decided, and asks again until nothing is left to do; so each step is small, and a crash
 * between two of them loses nothing (X1).
 * @param now milliseconds since the epoch
 */
export function decidePromotions(world: PromotionWorld, now: number): PromotionDecision {
  const steps: PromotionStep[] = world.undeclared.flatMap(endUndeclared);
  const deadlines: number[] = [];
  for (const environment of world.environments.values()) {
    const found = decideEnvironment(world, environment, now);
    steps.push(...found.steps);
    for (const { deadline } of found.waits) if (deadline !== null) deadlines.push(deadline);
  }
  return { steps, wakeAt: deadlines.length === 0 ? null : Math.min(...deadlines) };
}

/** Nothing comes to where nothing is any more; the rollout that is under way there ends by itself (R10). */
function endUndeclared({ environment, promotions }: UndeclaredEnvironment): PromotionStep[] {
  const reason = `environment ${environment} is declared no more`;
  return promotions.map((promotion) => ({ type: 'end', promotion, state: 'aborted', reason }));
}

interface EnvironmentDecision {
  readonly steps: readonly PromotionStep[];
  readonly waits: readonly GateWait[];
}

function decideEnvironment(world: PromotionWorld, environment: EnvironmentFacts, now: number): EnvironmentDecision {
  const { rolling, requested } = environment;
  const settled = rolling === null ? [] : settleRollout(world, environment, rolling);
  if (settled.length > 0) return only(...settled);
  const judged = judgePin(world, environment);
  if (judged.length > 0) return only(...judged);
  if (requested !== null) return decideRequested(world, environment, requested, now);
  const opened = openAutomatically(world, environment, now);
  return opened === null ? only() : only(opened);
}

function decideRequested(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): EnvironmentDecision {
  switch (promotion.state) {
    case 'waiting':
      return decideWaiting(world, environment, promotion, now);
    case 'pinning':
      return decidePinning(world, environment, promotion, now);
    case 'pinned':
      return decidePinned(world, environment, promotion, now);
  }
}

function decideWaiting(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): EnvironmentDecision {
  const { id } = promotion;
  const release = newlyKnown(world, promotion);
  if (release !== null) return only({ type: 'identify', promotion: id, release });
  const reason = supersededBy(world, environment, promotion, now);
  if (reason !== null) return only({ type: 'end', promotion: id, state: 'superseded', reason });
  const broken = brokenSet(promotion);
  if (broken !== null) return only({ type: 'end', promotion: id, state: 'aborted', reason: broken });
  if (promotion.plan === null && needsPlan(promotion, environment))
    return only({ type: 'look-at-plan', promotion: id });

  const report = reportGates(world, environment, promotion, now);
  if (report.refusal !== null) return only({ type: 'end', promotion: id, state: 'rejected', reason: report.refusal });
  if (report.waits.length > 0) return waiting(promotion, report);
  const others = setGate(promotion).map((unmet) => timed(unmet, promotion.waits, now));
  if (others.length > 0) return waiting(promotion, { ...report, waits: others });

  const noted = waiting(promotion, report).steps;
  if (isInGit(environment, promotion)) return only(...noted, rollOut(environment, promotion));
  if (isMerged(environment, promotion)) return only(...noted, admit(environment, promotion));
  return only(...noted, { type: 'pin', promotions: pinnedTogether(promotion) });
}

/** Git says it already, or is never to say it. */
function isInGit({ pin }: EnvironmentFacts, { kind, origin }: RequestedPromotion): boolean {
  return origin === 'head' || origin === 'pin' || (kind === 'removal' && pin === null);
}

/** Its commit was merged after it had been called back: it is admitted once its gates are met again. */
function isMerged({ pin }: EnvironmentFacts, { id, kind }: RequestedPromotion): boolean {
  return kind === 'removal' ? pin === null : pin?.promotion === id;
}

/**
 * A commit that is on its way, perhaps for a person to merge days later, is held to the gates as they are now (P2, P4);
 * and once more when Git has it. Where they are met, whoever carries out this decision pushes it.
 */
function decidePinning(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): EnvironmentDecision {
  const { id, kind, plan, set } = promotion;
  const isThere = isSamePin(environment.pin?.spec ?? null, pinOf(promotion));
  const next = isThere ? only(admit(environment, promotion)) : only();
  // Its clusters returned first, through no gate (R6).
  if (kind === 'rollback') return next;
  const broken = isThere ? null : brokenSet(promotion);
  if (broken !== null) return only({ type: 'end', promotion: id, state: 'aborted', reason: broken });
  if (plan === null && needsPlan(promotion, environment)) return only({ type: 'look-at-plan', promotion: id });
  const { waits, refusal } = reportGates(world, environment, promotion, now);
  if (waits.length === 0 && refusal === null) return next;
  const others = set.filter(({ state }) => state === 'pinning').map((member) => member.promotion);
  return only({ type: 'recall', promotions: [id, ...others] });
}

function admit({ name }: EnvironmentFacts, { id }: RequestedPromotion): PromotionStep {
  return { type: 'admit', promotion: id, environment: name };
}

function decidePinned(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): EnvironmentDecision {
  const { id, kind } = promotion;
  // Its clusters returned first (R6).
  if (kind === 'rollback') return only({ type: 'end', promotion: id, state: 'settled', reason: promotion.reason });
  const release = newlyKnown(world, promotion);
  if (release !== null) return only({ type: 'identify', promotion: id, release });
  const lost = lostDependency(promotion);
  if (lost !== null) return only({ type: 'end', promotion: id, state: 'aborted', reason: lost });
  const unmet = [...releaseGate(promotion), ...dependencyGate(promotion)];
  const waits = unmet.map((one) => timed(one, promotion.waits, now));
  if (waits.length > 0) return waiting(promotion, { waits, refusal: null, voided: [] });
  return only(rollOut(environment, promotion));
}

function rollOut({ rolling }: EnvironmentFacts, { id }: RequestedPromotion): PromotionStep {
  return { type: 'roll-out', promotion: id, supersedes: rolling?.id ?? null };
}

/** The release that its commit has become meanwhile. */
function newlyKnown({ releases }: PromotionWorld, { release, target }: RequestedPromotion): string | null {
  if (release !== null || target === null) return null;
  return [...releases.values()].find(({ commit }) => commit === target.revision)?.id ?? null;
}

/** Why a promotion that waits has lost its sense; null: it has not. */
export function supersededBy(
  world: PromotionWorld,
  environment: EnvironmentFacts,
  promotion: RequestedPromotion,
  now: number,
): string | null {
  const { origin, kind, pinBefore, release, target } = promotion;
  const revision = environment.pin?.spec.revision ?? null;
  if (origin === 'pin') return revision === target?.revision ? null : 'the pin was changed again';
  if (revision !== pinBefore && !isMerged(environment, promotion)) return 'the pin was changed meanwhile';
  if (origin === 'head') {
    const followed = headToFollow(world, environment);
    return followed?.id === release
      ? null
      : followed === null
        ? 'the head is not followed any more'
        : `${followed.id} is newer`;
  }
  if (origin !== 'auto') return null;
  if (kind === 'removal') return isListed(world, environment) ? 'the application is for this environment again' : null;
  const newer = automaticRelease(world, environment, now);
  const known = release === null ? undefined : world.releases.get(release);
  if (newer === null || newer.id === release || known === undefined) return null;
  const mine = standings(world, known, environment, now);
  const isLeft = newer.sequence > known.sequence && isSoaked(standings(world, newer, environment, now));
  return isLeft || mine.some(({ type }) => type === 'passed') ? `${newer.id} goes in its place` : null;
}

/** What it waits for, where that is news. */
function waiting(promotion: RequestedPromotion, { waits, voided }: GateReport): EnvironmentDecision {
  const planDigest =
    promotion.plan !== null && 'digest' in promotion.plan ? promotion.plan.digest : promotion.planDigest;
  const isNews =
    voided.length > 0 || planDigest !== promotion.planDigest || canonicalJson(waits) !== canonicalJson(promotion.waits);
  return { steps: isNews ? [{ type: 'wait', promotion: promotion.id, waits, planDigest, voided }] : [], waits };
}

function only(...steps: readonly PromotionStep[]): EnvironmentDecision {
  return { steps, waits: [] };
}
