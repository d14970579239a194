import type { HealthRule } from '../bundle.ts';
import { FairwayError, messageOf } from '../errors.ts';
import { compileExpression, type Expression } from '../expression.ts';
import { isSecret, type ObjectRef } from '../objects/object.ts';
import { selectsObject } from '../objects/object-selector.ts';
import { cutText } from '../text.ts';
import type { HealthRules } from './health.ts';
import { type HealthReport, unknown } from './report.ts';

/**
 * Evaluates, and gives up after a while: no expression may hold up an agent.
 * @throws FairwayError `expression-timed-out` where it took too long
 */
export type Within = <Result>(evaluate: () => Result) => Result;

/** The rule of an application that is for one object, and what judges by it. */
export interface ObjectHealth {
  readonly rule: HealthRule;
  readonly judge: HealthRules;
}

/** An expression that took too long is left alone for so long; milliseconds. */
const rest = 60_000;

/** In this order: what is wrong is told before what is on its way. */
const words = ['degraded', 'suspended', 'progressing', 'healthy'] as const;

/**
 * Compiles the `health` rules of an application (H1). The first that is for an object counts; none is ever for a
 * Secret, whose values a message could tell (A11).
 */
export function compileHealthRules(
  rules: readonly HealthRule[],
  within: Within,
): (ref: ObjectRef) => ObjectHealth | null {
  const compiled = rules.map((rule): ObjectHealth => ({ rule, judge: judgeBy(rule, within) }));
  return (ref) => (isSecret(ref) ? null : (compiled.find(({ rule }) => selectsObject(rule, ref)) ?? null));
}

function judgeBy(rule: HealthRule, within: Within): HealthRules {
  let judge: (object: unknown) => HealthReport;
  try {
    judge = reportBy(rule);
  } catch (error) {
    const report = unknown(`this agent cannot read its health expressions: ${messageOf(error)}`);
    return () => report;
  }
  let restsUntil = 0;
  return (object, now) => {
    const slow = () => ({ ...unknown('its health expressions take too long'), recheckAt: restsUntil });
    if (now < restsUntil) return slow();
    try {
      return within(() => judge(object));
    } catch (error) {
      if (!(error instanceof FairwayError) || error.code !== 'expression-timed-out') throw error;
      restsUntil = now + rest;
      return slow();
    }
  };
}

function reportBy(rule: HealthRule): (object: unknown) => HealthReport {
  const conditions = words.flatMap((health) => {
    const text = rule[health];
    return text === undefined ? [] : [{ health, holds: compileExpression(text, 'bool') }];
  });
  const message = rule.message === undefined ? null : compileExpression(rule.message, 'string');
  return (object) => {
    for (const { health, holds } of conditions) {
      const held = attempt(holds, object);
      if (typeof held === 'string') return unknown(`its expression ${health} cannot be evaluated: ${held}`);
      if (held.value) return { health, reason: sentence(message, object) ?? `its expression ${health} holds` };
    }
    return { health: 'progressing', reason: sentence(message, object) ?? 'its expression healthy does not hold yet' };
  };
}

/** What an expression gives; a text: why it gives nothing. */
function attempt<Type>(expression: Expression<Type>, object: unknown): { readonly value: Type } | string {
  try {
    return { value: expression(object) };
  } catch (error) {
    if (error instanceof FairwayError && error.code === 'expression-failed') return error.message;
    throw error;
  }
}

function sentence(message: Expression<string> | null, object: unknown): string | null {
  if (message === null) return null;
  const said = attempt(message, object);
  if (typeof said === 'string') return `its expression message cannot be evaluated: ${said}`;
  return said.value === '' ? null : cutText(said.value, 500);
}
