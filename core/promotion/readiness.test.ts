import { describe, expect, it } from 'vitest';
import { readinessOf } from './readiness.ts';
import { minute, now, pinned, requested, rules, settled, world } from './sample-world.ts';
import type { EnvironmentFacts, RequestedPromotion } from './world.ts';

describe('one of a set', () => {
  const dev = { settlements: [settled('r2', { healthySince: now - 60 * minute })] };
  const checked = rules({ from: ['dev'], checks: ['load'] });
  const load = (verdict: 'fail' | 'pass') => new Map([['load', { verdict, detail: null, at: now }]]);
  const hold = { source: 'fleet', revision: 'c1', hold: { reason: 'the sale', by: 'user:lead@example.com' } };

  it.each<[string, Partial<RequestedPromotion>, Partial<EnvironmentFacts>]>([
    ['unplanned', { plan: null }, {}],
    ['held', { plan: { failure: 'it does not render' } }, {}],
    ['ready', {}, {}],
    ['ready', { waits: [{ gate: 'check', name: 'load', reason: 'was missing', since: now, deadline: null }] }, {}],
    ['held', {}, { rules: checked }],
    ['held', { checks: load('fail') }, { rules: checked }],
    ['ready', { checks: load('pass') }, { rules: checked }],
    ['held', { pinBefore: 'c1' }, { pin: pinned(1, { spec: hold }) }],
    ['held', {}, { pin: pinned(1) }],
    ['held', { pinBefore: 'c1' }, { pin: pinned(1, { promotion: null }) }],
    ['held', { state: 'pinning' }, {}],
  ])('[G10] is %s where %j and %j', (expected, promotion, staging) => {
    const facts = world({
      dev,
      staging: { rules: rules({ from: ['dev'] }), ...staging, requested: requested(2, promotion) },
    });
    expect(readinessOf(facts, 42, now)).toBe(expected);
  });

  it('[G10] is held where there is no such promotion any more', () => {
    expect(readinessOf(world({ dev }), 42, now)).toBe('held');
  });
});
