import { describe, expect, it } from 'vitest';
import { requestTarget } from './request.ts';
import { ended, environment, pinned, release, requested, rolling, rules, settled, world } from './sample-world.ts';
import type { EnvironmentFacts, PromotionWorld } from './world.ts';

const nothingNamed = { remove: false };
const auto = rules({ from: ['dev'], mode: 'auto' });
const inProd = { pin: pinned(1), settlements: [settled('r1')] };
const passed = settled('r1', { inForce: false });

function askedFor(facts: PromotionWorld, to = 'prod'): string | null {
  return requestTarget(facts, facts.environments.get(to) ?? environment(to), nothingNamed).release;
}

describe('what a request comes to that names no release', () => {
  it('is the newest that has settled where it comes from', () => {
    expect(askedFor(world({ staging: { settlements: [settled('r2')] }, prod: inProd }, { newest: 'r3' }))).toBe('r2');
  });

  it.each<[string, Record<string, Partial<EnvironmentFacts>>]>([
    ['rolls out in staging', { staging: { settlements: [settled('r1')], rolling: rolling(2) } }],
    ['waits for staging', { staging: { settlements: [settled('r1')], requested: requested(2) } }],
    [
      'soaks in dev for staging, which takes it by itself',
      {
        dev: { settlements: [settled('r2'), passed] },
        staging: { rules: auto, settlements: [settled('r1')] },
      },
    ],
    [
      'rolls out in dev',
      {
        dev: { settlements: [settled('r1')], rolling: rolling(2) },
        staging: { rules: auto, settlements: [settled('r1')] },
      },
    ],
    [
      'is the head that dev is about to follow',
      {
        dev: { settlements: [settled('r1')] },
        staging: { rules: auto, settlements: [settled('r1')] },
      },
    ],
  ])('[P1] is a newer one that is on its way where that one is settled: one that %s', (_, others) => {
    expect(askedFor(world({ ...others, prod: inProd }, { newest: 'r2' }))).toBe('r2');
  });

  it.each<[string, Record<string, Partial<EnvironmentFacts>>]>([
    [
      'nobody has asked for in staging',
      {
        dev: { settlements: [settled('r2'), passed] },
        staging: { settlements: [settled('r1')] },
      },
    ],
    [
      'staging is held against',
      {
        dev: { settlements: [settled('r2'), passed] },
        staging: {
          ...{ rules: auto, settlements: [settled('r1')] },
          pin: pinned(1, { spec: { source: 'fleet', revision: 'c1', hold: { reason: 'a sale', by: 'user:lead' } } }),
        },
      },
    ],
    [
      'a check has failed in staging',
      {
        dev: { settlements: [settled('r2'), passed] },
        staging: { rules: auto, settlements: [settled('r1')], failed: new Set(['r2']) },
      },
    ],
    [
      'was rolled back in staging',
      {
        dev: { settlements: [settled('r2'), passed] },
        staging: { rules: auto, settlements: [settled('r1')], ended: [ended(2, 'rolled-back')] },
      },
    ],
  ])('[P1] is refused where there is no newer one but what %s', (_, others) => {
    const facts = world({ ...others, prod: inProd }, { newest: 'r2' });
    expect(() => askedFor(facts)).toThrow(expect.objectContaining({ code: 'promotion-settled' }));
  });

  it('is not what is not for the environment', () => {
    const releases = new Map([1, 2].map((number) => [`r${number}`, release(number)]));
    releases.set('r2', release(2, { environments: ['dev', 'staging'] }));
    const staging = { settlements: [settled('r1')], rolling: rolling(2) };
    expect(() => askedFor(world({ staging, prod: inProd }, { newest: 'r2', releases }))).toThrow(
      expect.objectContaining({ code: 'promotion-settled' }),
    );
  });
});
