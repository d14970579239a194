import fc from 'fast-check';
import { it } from 'vitest';
import { decidePromotions } from './decide.ts';
import { pinOf } from './pin.ts';
import { ended, now, requested, rolling, rules, settled, world } from './sample-world.ts';
import type { PromotionStep } from './steps.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion } from './world.ts';

/** Whatever the world is, deciding and writing in turn comes to rest: no loop of the hub runs for ever. */

const releases = fc.constantFrom(1, 2, 3);
const settlements = fc.option(
  fc.record({ number: releases, healthySince: fc.constantFrom(null, now, now - 3_600_000) }),
  { nil: null },
);
const environments = fc.record({
  mode: fc.constantFrom('auto', 'manual'),
  removal: fc.constantFrom('auto', 'approve'),
  soak: fc.constantFrom('0s', '30m'),
  checks: fc.constantFrom<string[]>([], ['load']),
  approvals: fc.constantFrom(0, 1),
  hasWaves: fc.boolean(),
  isLeft: fc.boolean(),
  settled: settlements,
  rolling: fc.option(
    fc.record({
      number: releases,
      state: fc.constantFrom(
        'running',
        'stopped',
        'paused',
        'rolling-back',
        'completed',
        'rolled-back',
        'aborted',
        'superseded',
      ),
    }),
    { nil: null },
  ),
  requested: fc.option(
    fc.record({
      number: releases,
      state: fc.constantFrom('waiting', 'pinning', 'pinned'),
      origin: fc.constantFrom('request', 'auto', 'pin', 'head'),
    }),
    { nil: null },
  ),
  pin: fc.option(fc.record({ number: releases, judged: fc.boolean(), held: fc.boolean() }), { nil: null }),
  ended: fc.array(
    fc.record({
      number: releases,
      state: fc.constantFrom('settled', 'rolled-back', 'rejected', 'aborted', 'superseded'),
    }),
    { maxLength: 2 },
  ),
  failed: fc.constantFrom<string[]>([], ['r2'], ['r1', 'r2', 'r3']),
});

it.each([1, 2, 3])('[X1] comes to rest, with r%i as the head', (newest) => {
  fc.assert(
    fc.property(environments, environments, environments, fc.boolean(), (dev, staging, prod, gone) => {
      let facts = world(
        { dev: factsOf(dev, [], 100), staging: factsOf(staging, ['dev'], 200), prod: factsOf(prod, ['staging'], 300) },
        { newest: `r${newest}`, gone },
      );
      for (let run = 0; run < 40; run++) {
        const { steps } = decidePromotions(facts, now);
        if (steps.length === 0) return;
        for (const step of steps) facts = apply(facts, step, run);
      }
      const { steps } = decidePromotions(facts, now);
      throw new Error(`it goes on for ever: ${JSON.stringify(steps)}`);
    }),
    { numRuns: 700 },
  );
});

type Drawn = typeof environments extends fc.Arbitrary<infer T> ? T : never;

/** @param base of the ids of its promotions */
function factsOf(drawn: Drawn, from: string[], base: number): Partial<EnvironmentFacts> {
  const { mode, removal, soak, checks, approvals: required } = drawn;
  const approvals = { required, from: ['role:approver'], allowAuthor: false };
  const hold = { reason: 'x', by: 'y' };
  return {
    rules: rules({ from, mode, removal, soak, checks, approvals }),
    ...{ hasWaves: drawn.hasWaves, isLeft: drawn.isLeft, failed: new Set(checks.length === 0 ? [] : drawn.failed) },
    settlements: drawn.settled === null ? [] : [settled(`r${drawn.settled.number}`, drawn.settled)],
    rolling: drawn.rolling === null ? null : rolling(drawn.rolling.number, drawn.rolling.state, { id: base + 1 }),
    requested:
      drawn.requested === null ? null : requested(drawn.requested.number, { ...drawn.requested, id: base + 2 }),
    pin:
      drawn.pin === null
        ? null
        : {
            spec: { source: 'fleet', revision: `c${drawn.pin.number}`, ...(drawn.pin.held ? { hold } : {}) },
            ...{
              commit: 'pins',
              release: `r${drawn.pin.number}`,
              promotion: drawn.pin.judged ? 1 : null,
              change: null,
            },
          },
    ended: drawn.ended.map(({ number, state }) => ended(number, state)),
  };
}

/** What the hub does of it, in short. */
function apply(facts: PromotionWorld, step: PromotionStep, run: number): PromotionWorld {
  const change = (name: string, own: Partial<EnvironmentFacts>): PromotionWorld => {
    const before = facts.environments.get(name) as EnvironmentFacts;
    return { ...facts, environments: new Map(facts.environments).set(name, { ...before, ...own }) };
  };
  const holding = (id: number) =>
    [...facts.environments.values()].find(({ requested: own, rolling: other }) => own?.id === id || other?.id === id);
  const update = (id: number, own: Partial<RequestedPromotion>) => {
    const environment = holding(id);
    if (environment?.requested?.id !== id) return facts;
    return change(environment.name, { requested: { ...environment.requested, ...own } });
  };
  const finish = (
    environment: EnvironmentFacts,
    id: number,
    state: 'superseded' | 'settled' | 'rolled-back' | 'rejected' | 'aborted' | 'failed',
  ) => {
    const promotion = environment.requested?.id === id ? environment.requested : environment.rolling;
    const number = Number(promotion?.release?.slice(1) ?? 1);
    const last = ended(number, state, { id, kind: promotion?.kind ?? 'release' });
    return change(environment.name, {
      ...(environment.requested?.id === id ? { requested: null } : { rolling: null }),
      ended: [last, ...environment.ended],
    });
  };
  switch (step.type) {
    case 'open': {
      const environment = facts.environments.get(step.environment) as EnvironmentFacts;
      const number = Number(step.release?.slice(1) ?? 1);
      const checks = new Map(
        environment.failed.has(`r${number}`) ? [['load', { verdict: 'fail' as const, detail: null, at: now }]] : [],
      );
      const { kind, origin, state, target } = step;
      const opened = requested(number, {
        ...{
          id: 1000 * (run + 1) + [...facts.environments.keys()].indexOf(step.environment),
          kind,
          origin,
          state,
          target,
          checks,
          plan: null,
          planDigest: null,
        },
        pinBefore: environment.pin?.spec.revision ?? null,
      });
      const pin =
        origin === 'pin' && environment.pin !== null ? { ...environment.pin, promotion: opened.id } : environment.pin;
      return change(step.environment, { requested: opened, pin });
    }
    case 'identify':
      return update(step.promotion, { release: step.release });
    case 'wait':
      return update(step.promotion, { waits: step.waits, planDigest: step.planDigest });
    case 'look-at-plan':
      return update(step.promotion, { plan: { digest: 'plan' } });
    case 'look-at-pin': {
      const { pin } = facts.environments.get(step.environment) as EnvironmentFacts;
      if (pin === null) return facts;
      return change(step.environment, { pin: { ...pin, change: { isRestored: false, actor: 'user:x@example.com' } } });
    }
    case 'pin': {
      const [id = 0] = step.promotions;
      const environment = holding(id);
      if (environment === undefined) return facts;
      const promotion =
        environment.requested?.id === id ? environment.requested : requested(1, { id, kind: 'rollback' });
      // The commit is pushed, and read back.
      const spec = pinOf(promotion);
      const pin =
        spec === null ? null : { spec, commit: 'pins', release: promotion.release, promotion: null, change: null };
      return change(environment.name, {
        pin,
        requested: { ...promotion, state: 'pinning' },
        ...(environment.rolling?.id === id ? { rolling: null } : {}),
      });
    }
    case 'recall': {
      const [id = 0] = step.promotions;
      return update(id, { state: 'waiting', waits: [] });
    }
    case 'admit': {
      const environment = facts.environments.get(step.environment) as EnvironmentFacts;
      const pin = environment.pin === null ? null : { ...environment.pin, promotion: step.promotion };
      const own = environment.requested;
      return change(step.environment, { pin, requested: own === null ? null : { ...own, state: 'pinned' } });
    }
    case 'answer': {
      const { pin } = facts.environments.get(step.environment) as EnvironmentFacts;
      return change(step.environment, { pin: pin === null ? null : { ...pin, promotion: step.promotion } });
    }
    case 'roll-out': {
      const environment = holding(step.promotion);
      const own = environment?.requested;
      if (environment === undefined || own === null || own === undefined) return facts;
      const { id, kind, origin, release: what } = own;
      const rollout = { id: 7, state: 'running', reason: null, previous: null, rolledBackBy: null } as const;
      return change(environment.name, {
        requested: null,
        rolling: { id, kind, origin, release: what, state: 'rolling-out', rollout },
      });
    }
    case 'end': {
      const environment = holding(step.promotion);
      return environment === undefined ? facts : finish(environment, step.promotion, step.state);
    }
  }
}
