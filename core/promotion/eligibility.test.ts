import { describe, expect, it } from 'vitest';
import { originsOf, standings } from './eligibility.ts';
import { environment, minute, now, release, rules, settled, world } from './sample-world.ts';
import type { EnvironmentFacts } from './world.ts';

const standing = (dev: Partial<EnvironmentFacts>, soak = '30m') => {
  const facts = world({ dev, staging: { rules: rules({ from: ['dev'], soak }) } });
  const staging = facts.environments.get('staging');
  return standings(facts, release(2), staging as EnvironmentFacts, now).map(({ type }) => type);
};

describe('eligibility', () => {
  it.each<[string, Partial<EnvironmentFacts>, string]>([
    ['never settled there', { settlements: [settled('r1')] }, 'unsettled'],
    ['settled, and not well', { settlements: [settled('r2', { healthySince: null })] }, 'unsettled'],
    ['settled, well, and not for long enough', { settlements: [settled('r2')] }, 'soaking'],
    ['soaked to the very end', { settlements: [settled('r2', { healthySince: now - 30 * minute })] }, 'soaked'],
    [
      'soaked once, and ill now',
      { settlements: [settled('r2', { healthySince: null, soaked: 40 * minute })] },
      'unsettled',
    ],
    [
      'soaked once, and well again only now',
      { settlements: [settled('r2', { healthySince: now, soaked: 40 * minute })] },
      'soaked',
    ],
    [
      'replaced after it had soaked',
      { settlements: [settled('r3'), settled('r2', { inForce: false, soaked: 31 * minute })] },
      'soaked',
    ],
    [
      'replaced before it had soaked',
      { settlements: [settled('r3'), settled('r2', { inForce: false, soaked: 29 * minute })] },
      'passed',
    ],
    ['settled where there are no clusters', { settlements: [settled('r2')], hasClusters: false }, 'unsettled'],
  ])('[P1] %s', (_, dev, expected) => expect(standing(dev)).toEqual([expected]));

  it('[P1] asks for no soak where there is none, but for health', () => {
    expect(standing({ settlements: [settled('r2', { healthySince: now })] }, '0s')).toEqual(['soaked']);
    expect(standing({ settlements: [settled('r2', { healthySince: null })] }, '0s')).toEqual(['unsettled']);
    const gone = settled('r2', { inForce: false, healthySince: null });
    expect(standing({ settlements: [settled('r3'), gone] }, '0s')).toEqual(['passed']);
  });

  it('[P1] passes over an environment that the application does not list, to where that one takes from', () => {
    const facts = world({});
    const prod = facts.environments.get('prod') as EnvironmentFacts;
    expect(originsOf(facts, release(1), prod)).toEqual(['staging']);
    expect(originsOf(facts, release(1, { environments: ['dev', 'prod'] }), prod)).toEqual(['dev']);
    expect(originsOf(facts, release(1, { environments: ['prod'] }), prod)).toEqual([]);
  });

  it('[P1] counts an environment once, ends in a circle, and satisfies nothing by one that is not declared', () => {
    const from = (...names: string[]) => ({ rules: rules({ from: names }) });
    const environments = new Map(
      [
        environment('a', from('b', 'c')),
        environment('b', from('d')),
        environment('c', from('d', 'a')),
        environment('d', from('lost')),
      ].map((facts) => [facts.name, facts]),
    );
    const a = environments.get('a') as EnvironmentFacts;
    const facts = { ...world({}), environments };
    expect(originsOf(facts, release(1, { environments: ['a', 'd'] }), a)).toEqual(['d']);
    expect(originsOf(facts, release(1, { environments: ['a'] }), a)).toEqual(['lost']);
    expect(standings(facts, release(1, { environments: ['a'] }), a, now)).toMatchObject([{ type: 'unsettled' }]);
  });
});
