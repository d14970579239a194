import type { HealthRule } from '../../core/bundle.ts';
import type { ObjectHealth } from '../../core/health/rules.ts';
import type { ObjectRef } from '../../core/objects/object.ts';

/** Milliseconds that the health expressions of one object may take at a time; a few thousandths of one are usual. */
const longest = 100;

/** What judges an object by its application's own expressions; null: nothing does. */
export type HealthRulesOf = (ref: ObjectRef) => ObjectHealth | null;

/**
 * Compiles the health expressions of an application (H1). What evaluates them is loaded only where there are some: it
 * takes 5 MB, and most agents need none of it.
 */
export async function loadHealthRules(rules: readonly HealthRule[]): Promise<HealthRulesOf> {
  if (rules.length === 0) return () => null;
  const [{ compileHealthRules }, { createWithin }] = await Promise.all([
    import('../../core/health/rules.ts'),
    import('./within.ts'),
  ]);
  return compileHealthRules(rules, createWithin(longest));
}
