import type { EnvironmentSpec } from '../kinds/environment.ts';
import type {
  EndedPromotion,
  EnvironmentFacts,
  PromotionWorld,
  ReleaseFacts,
  RequestedPromotion,
  RollingPromotion,
  SettlementFacts,
} from './world.ts';

/** Worlds for tests: dev follows the head, staging takes from dev, prod from staging. Only what a test is about is said. */

export const now = Date.parse('2026-03-02T09:00:00Z');
export const minute = 60_000;

export function rules(own: Partial<EnvironmentSpec['promotion']> = {}): EnvironmentSpec['promotion'] {
  return {
    from: [],
    mode: 'manual',
    soak: '0s',
    approvals: { required: 0, from: ['role:approver'], allowAuthor: false },
    checks: [],
    windows: [],
    removal: 'approve',
    ...own,
  };
}

/** `r1`, `r2`, …: made in that order, each for all three environments. */
export function release(number: number, own: Partial<ReleaseFacts> = {}): ReleaseFacts {
  const environments = ['dev', 'staging', 'prod'];
  return {
    id: `r${number}`,
    source: 'fleet',
    commit: `c${number}`,
    sequence: number,
    environments,
    dependsOn: [],
    ...own,
  };
}

export function environment(name: string, own: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  return {
    ...{ name, rules: rules(), hasWaves: false, hasClusters: true, isLeft: false, windows: [] },
    ...{ pin: null, failed: new Set(), settlements: [], requested: null, rolling: null, ended: [] },
    ...own,
  };
}

export function settled(id: string, own: Partial<SettlementFacts> = {}): SettlementFacts {
  return {
    release: id,
    inForce: true,
    settledAt: now - 10 * minute,
    healthySince: now - 10 * minute,
    soaked: 0,
    ...own,
  };
}

export function requested(number: number, own: Partial<RequestedPromotion> = {}): RequestedPromotion {
  return {
    ...{ id: 40 + number, kind: 'release', origin: 'request', state: 'waiting', release: `r${number}` },
    ...{
      target: { source: 'fleet', revision: `c${number}` },
      pinBefore: null,
      requestedBy: 'user:dana@example.com',
      requesterAddress: 'dana@example.com',
    },
    ...{
      reason: null,
      since: now,
      waits: [],
      overrides: [],
      openedWindows: new Set(),
      plan: { digest: 'plan' },
      planDigest: 'plan',
    },
    ...{ approvals: [], authors: [], checks: new Map(), dependsOn: [], absent: new Map(), set: [] },
    ...own,
  };
}

export function rolling(
  number: number,
  state: RollingPromotion['rollout']['state'] = 'running',
  own: Partial<RollingPromotion> = {},
): RollingPromotion {
  const rollout = { id: 7, state, reason: null, previous: null, rolledBackBy: null };
  return {
    id: 30 + number,
    kind: 'release',
    origin: 'request',
    release: `r${number}`,
    state: 'rolling-out',
    rollout,
    ...own,
  };
}

export function ended(
  number: number,
  state: EndedPromotion['state'],
  own: Partial<EndedPromotion> = {},
): EndedPromotion {
  const promotion = { id: 20 + number, kind: 'release', origin: 'request', release: `r${number}` } as const;
  return { ...promotion, state, requestedBy: 'user:dana@example.com', refused: false, reason: null, ...own };
}

export function pinned(number: number, own: Partial<NonNullable<EnvironmentFacts['pin']>> = {}) {
  const spec = { source: 'fleet', revision: `c${number}` };
  return { spec, commit: 'pins', release: `r${number}`, promotion: 1, change: null, ...own };
}

/** @param own by environment */
export function world(
  own: Readonly<Record<string, Partial<EnvironmentFacts>>>,
  more: Partial<Omit<PromotionWorld, 'environments'>> = {},
): PromotionWorld {
  const from: Readonly<Record<string, readonly string[]>> = { staging: ['dev'], prod: ['staging'] };
  const environments = ['dev', 'staging', 'prod'].map((name) => {
    const facts = own[name] ?? {};
    return environment(name, { ...facts, rules: { ...rules({ from: [...(from[name] ?? [])] }), ...facts.rules } });
  });
  return {
    application: 'shop',
    gone: false,
    newest: null,
    releases: new Map([1, 2, 3].map((number) => [`r${number}`, release(number)])),
    environments: new Map(environments.map((facts) => [facts.name, facts])),
    undeclared: [],
    ...more,
  };
}
