import { describe, expect, it } from 'vitest';
import type { WindowSpec } from '../kinds/window.ts';
import { decidePromotions } from './decide.ts';
import { ended, minute, now, pinned, release, requested, rolling, rules, settled, world } from './sample-world.ts';
import type { PromotionStep } from './steps.ts';
import type { Gate } from './types.ts';
import type { EnvironmentFacts, PromotionWorld, RequestedPromotion, RolloutFacts } from './world.ts';

const steps = (facts: PromotionWorld) => decidePromotions(facts, now).steps;
/** What is decided in short: the type of each step, and what it is about. */
const brief = (facts: PromotionWorld) => steps(facts).map((step) => short(step));
function short(step: PromotionStep): string {
  switch (step.type) {
    case 'open':
      return `open ${step.origin} ${step.kind} ${step.release} in ${step.environment}, ${step.state}`;
    case 'wait':
      return `wait ${step.waits.map(({ gate }) => gate).join(' ')}`;
    case 'pin':
    case 'recall':
      return `${step.type} ${step.promotions.join(' ')}`;
    case 'end':
      return `${step.promotion} ${step.state}`;
    case 'roll-out':
      return `roll out ${step.promotion}${step.supersedes === null ? '' : ` over ${step.supersedes}`}`;
    case 'admit':
    case 'identify':
    case 'look-at-plan':
      return `${step.type} ${step.promotion}`;
    case 'answer':
      return `answer ${step.environment} ${step.promotion}`;
    case 'look-at-pin':
      return `${step.type} ${step.environment}`;
  }
}

const soaked = settled('r2', { healthySince: now - 60 * minute });
/** r2 is settled and well in dev, for long. */
const fromDev = { settlements: [soaked] };

describe('an environment that follows the head', () => {
  it.each<[string, Partial<EnvironmentFacts>, string[]]>([
    ['does not try again what a check fails', { ended: [ended(2, 'rejected')], failed: new Set(['r2']) }, []],
    ['tries again what a check refused', { ended: [ended(2, 'rejected')] }, ['open head release r2 in dev, waiting']],
    ['[G1] takes the newest release', {}, ['open head release r2 in dev, waiting']],
    ['has it already', { settlements: [settled('r2')] }, []],
    ['is on the way to it', { rolling: rolling(2) }, []],
    [
      '[R2] replaces what is under way where it names no waves',
      { rolling: rolling(1) },
      ['open head release r2 in dev, waiting'],
    ],
    ['does not try again what failed', { ended: [ended(2, 'aborted')], settlements: [settled('r1')] }, []],
    [
      'goes on after one that was replaced',
      { ended: [ended(2, 'superseded')] },
      ['open head release r2 in dev, waiting'],
    ],
    ['[R6] takes nothing while its clusters are taken back', { rolling: rolling(1, 'rolling-back') }, []],
    ['[R6] takes nothing while they go back', { rolling: rolling(1, 'running', { kind: 'rollback' }) }, []],
    ['[R6] stays where it was rolled back to', { pin: pinned(1), settlements: [settled('r1')] }, []],
  ])('%s', (_, dev, expected) => expect(brief(world({ dev }, { newest: 'r2' }))).toEqual(expected));

  it('takes nothing that is not for it, and nothing that is gone from Git', () => {
    const releases = new Map([['r2', release(2, { environments: ['prod'] })]]);
    expect(brief(world({}, { newest: 'r2', releases }))).toEqual([]);
    expect(brief(world({}, { newest: 'r2', gone: true }))).toEqual([]);
  });

  const following = requested(2, { origin: 'head', plan: null, planDigest: null });
  it.each<[string, Partial<EnvironmentFacts>, string[]]>([
    ['rolls out at once', {}, ['roll out 42']],
    ['over what is under way', { rolling: rolling(1) }, ['roll out 42 over 31']],
    ['[P5] lets it end where it names waves', { rolling: rolling(1), hasWaves: true }, ['wait rollout']],
    ['[P5] unless it failed', { rolling: rolling(1, 'stopped'), hasWaves: true }, ['roll out 42 over 31']],
    ['[P4] waits at gates that it names', { rules: rules({ checks: ['lint'] }) }, ['wait check']],
    [
      '[P2] shows a plan where people approve',
      { rules: rules({ approvals: { required: 1, from: [], allowAuthor: false } }) },
      ['look-at-plan 42'],
    ],
    ['ends when a pin appears', { pin: pinned(1) }, ['42 superseded']],
    ['[R6] waits while its clusters are taken back', { rolling: rolling(1, 'rolling-back') }, ['wait rollout']],
  ])('%s', (_, dev, expected) =>
    expect(brief(world({ dev: { requested: following, ...dev } }, { newest: 'r2' }))).toEqual(expected),
  );

  it('ends for a newer head', () => {
    expect(brief(world({ dev: { requested: following } }, { newest: 'r3' }))).toEqual(['42 superseded']);
  });
});

describe('a promotion that waits', () => {
  const window: WindowSpec = { type: 'allow', schedule: '0 12 * * *', duration: '1h', timeZone: 'UTC', override: [] };
  const check = (verdict: 'pass' | 'fail' | 'inconclusive') => new Map([['load', { verdict, detail: null, at: now }]]);
  const checked = rules({ from: ['dev'], checks: ['load'] });
  const approved = rules({ from: ['dev'], approvals: { required: 1, from: ['role:approver'], allowAuthor: false } });

  const cases: [string, Partial<RequestedPromotion>, Partial<EnvironmentFacts>, string[]][] = [
    ['goes where nothing holds it', {}, {}, ['pin 42']],
    ['[P2] is looked at first', { plan: null }, {}, ['look-at-plan 42']],
    ['says why it has no plan', { plan: { failure: 'no' } }, {}, ['wait plan']],
    [
      'waits for its commit to become a release',
      { release: null, target: { source: 'fleet', revision: 'c9' } },
      {},
      ['wait plan'],
    ],
    ['learns that its commit is a release', { release: null }, {}, ['identify 42']],
    ['[P4] waits for a check', {}, { rules: checked }, ['wait check']],
    ['[P4] goes when it passes', { checks: check('pass') }, { rules: checked }, ['pin 42']],
    ['[P4] is refused when it fails', { checks: check('fail') }, { rules: checked }, ['42 rejected']],
    [
      '[P7] waits for a person where it is inconclusive',
      { checks: check('inconclusive') },
      { rules: checked },
      ['wait check'],
    ],
    ['[P4] waits for a window', {}, { windows: [{ name: 'noon', spec: window }] }, ['wait window']],
    ['[P2] waits for approvals', {}, { rules: approved }, ['wait approval']],
    [
      '[P5] waits for a hold',
      { pinBefore: 'c1' },
      { pin: pinned(1, { spec: { source: 'fleet', revision: 'c1', hold: { reason: 'x', by: 'y' } } }) },
      ['wait hold'],
    ],
    ['[R2] waits for a rollout', {}, { rolling: rolling(1) }, ['wait rollout']],
    ['[R2] replaces one that failed', {}, { rolling: rolling(1, 'stopped') }, ['pin 42']],
    ['[R6] waits for one that is taken back', {}, { rolling: rolling(1, 'rolling-back') }, ['wait rollout']],
    ['[R2] waits for one that a person paused', {}, { rolling: rolling(1, 'paused') }, ['wait rollout']],
    ['[G10] ends when the pin was changed meanwhile', {}, { pin: pinned(1) }, ['42 superseded']],
    [
      'waits at every gate at once',
      {},
      { rules: { ...checked, approvals: approved.approvals }, rolling: rolling(1) },
      ['wait check approval rollout'],
    ],
  ];
  it.each(cases)('%s', (_, promotion, staging, expected) => {
    const facts = { rules: rules({ from: ['dev'] }), ...staging, requested: requested(2, promotion) };
    expect(brief(world({ dev: fromDev, staging: facts }))).toEqual(expected);
  });

  it.each<[RequestedPromotion['overrides'][number], Partial<EnvironmentFacts>, Partial<EnvironmentFacts>]>([
    ['eligibility', { settlements: [] }, {}],
    ['soak', { settlements: [settled('r2', { healthySince: now })] }, { rules: rules({ from: ['dev'], soak: '1h' }) }],
    ['check', fromDev, { rules: checked }],
    ['approval', fromDev, { rules: approved }],
    ['rollout', fromDev, { rolling: rolling(1) }],
  ])('[P1, P4] goes through %s by force', (gate, dev, staging) => {
    const facts = (overrides: RequestedPromotion['overrides']) =>
      world({ dev, staging: { rules: rules({ from: ['dev'] }), ...staging, requested: requested(2, { overrides }) } });
    expect(brief(facts([]))).toEqual([`wait ${gate}`]);
    expect(brief(facts([gate]))).toEqual(['pin 42']);
  });

  it('[P4] goes through the windows that somebody opened by force, and through no other', () => {
    const freeze: WindowSpec = { ...window, type: 'freeze', schedule: '0 9 * * *' };
    const windows = [
      { name: 'noon', spec: window },
      { name: 'sale', spec: freeze },
    ];
    const facts = (...opened: string[]) => {
      const promotion = requested(2, { openedWindows: new Set(opened) });
      return world({ dev: fromDev, staging: { windows, requested: promotion } });
    };
    expect(brief(facts('noon'))).toEqual(['wait window']);
    expect(brief(facts('sale'))).toEqual(['wait window']);
    expect(brief(facts('noon', 'sale'))).toEqual(['pin 42']);
  });

  it('[P4] is not refused by a failed check that somebody opened by force', () => {
    const promotion = requested(2, { checks: check('fail'), overrides: ['check'] });
    expect(brief(world({ dev: fromDev, staging: { rules: checked, requested: promotion } }))).toEqual(['pin 42']);
  });

  it('[R5] says since when it waits, and until when, and says nothing anew while that is so', () => {
    const staging = { rules: checked, windows: [{ name: 'noon', spec: window }] };
    const before = world({ dev: fromDev, staging: { ...staging, requested: requested(2) } });
    const [wait] = steps(before);
    if (wait?.type !== 'wait') throw new Error('it does not wait');
    expect(wait.waits.map(({ gate, since, deadline }) => [gate, since, deadline])).toEqual<
      [Gate, number, number | null][]
    >([
      ['check', now, null],
      ['window', Date.parse('2026-03-01T13:00:00Z'), Date.parse('2026-03-02T12:00:00Z')],
    ]);
    const after = world({ dev: fromDev, staging: { ...staging, requested: requested(2, { waits: wait.waits }) } });
    expect(decidePromotions(after, now)).toEqual({ steps: [], wakeAt: Date.parse('2026-03-02T12:00:00Z') });
    expect(decidePromotions(after, now + minute).steps).toEqual([]);
  });
});

describe('a pin', () => {
  const change = { isRestored: false, actor: 'user:mallory@example.com' };
  const pinning = requested(2, { state: 'pinning' });
  const own = { source: 'fleet', revision: 'c2', promotion: '42' };

  it.each<[string, Partial<EnvironmentFacts>, string[]]>([
    [
      '[G1] that a promotion was to write is that one’s',
      { requested: pinning, pin: pinned(2, { spec: own, promotion: null }) },
      ['answer staging 42'],
    ],
    [
      '[G1] that a promotion was to write is admitted',
      { requested: pinning, pin: pinned(2, { spec: own, promotion: 42 }) },
      ['admit 42'],
    ],
    [
      '[G10] is admitted though it said the same revision before',
      { requested: pinning, pin: pinned(2, { spec: own, promotion: 3 }) },
      ['admit 42'],
    ],
    [
      'that still says what it said is on its way',
      { requested: pinning, pin: pinned(1), settlements: [settled('r1')] },
      [],
    ],
    ['[P6] that somebody changed is looked at', { pin: pinned(2, { promotion: null }) }, ['look-at-pin staging']],
    [
      '[P6] of a person is a promotion',
      { pin: pinned(2, { promotion: null, change }) },
      ['open pin release r2 in staging, waiting'],
    ],
    [
      '[G10] of a person supersedes what waits',
      { requested: requested(3), pin: pinned(2, { promotion: null, change }) },
      ['43 superseded', 'open pin release r2 in staging, waiting'],
    ],
    [
      '[P6] of a person supersedes what is on its way',
      { requested: requested(3, { state: 'pinning' }), pin: pinned(2, { promotion: null, change }) },
      ['43 superseded', 'open pin release r2 in staging, waiting'],
    ],
    [
      '[X3] that the hub signed before it was rebuilt needs no gate',
      { pin: pinned(2, { promotion: null, change: { isRestored: true, actor: 'hub' } }) },
      ['open pin release r2 in staging, pinned'],
    ],
    [
      'that says what is settled asks for nothing',
      { pin: pinned(1, { promotion: null }), settlements: [settled('r1')], ended: [ended(1, 'settled')] },
      ['answer staging 21'],
    ],
    [
      'that says what is under way asks for nothing',
      { pin: pinned(1, { promotion: null }), rolling: rolling(1) },
      ['answer staging 31'],
    ],
    ['that went away takes nothing away', { settlements: [settled('r1')], ended: [ended(1, 'settled')] }, []],
  ])('%s', (_, staging, expected) => expect(brief(world({ dev: fromDev, staging }))).toEqual(expected));

  it('[P3, P6] that a promotion wrote long ago is asked for by whoever asked for that', () => {
    const change = { isRestored: false, actor: 'hub' };
    const pin = pinned(2, { spec: { ...own, promotion: '22' }, promotion: null, change });
    expect(steps(world({ staging: { pin, ended: [ended(2, 'settled')] } }))).toMatchObject([
      { type: 'open', origin: 'pin', state: 'waiting', requestedBy: 'user:dana@example.com' },
    ]);
  });

  it('[P6] of a promotion that ended while its commit was on its way stands, and rolls out nothing', () => {
    const spec = { source: 'fleet', revision: 'c2', promotion: '22' };
    const change = { isRestored: false, actor: 'hub' };
    const pin = pinned(2, { spec, promotion: null, change });
    const staging = { pin, settlements: [settled('r1')], ended: [ended(2, 'aborted')] };
    for (const state of ['aborted', 'superseded', 'rejected', 'rolled-back', 'failed'] as const)
      expect(steps(world({ staging: { ...staging, ended: [ended(3, 'settled'), ended(2, state)] } }))).toEqual([
        { type: 'answer', environment: 'staging', promotion: 22 },
      ]);
    const forged = { ...pin, change: { ...change, actor: 'user:mallory@example.com' } };
    expect(steps(world({ staging: { ...staging, pin: forged } }))).toMatchObject([
      { type: 'open', origin: 'pin', state: 'waiting', requestedBy: 'user:mallory@example.com' },
    ]);
  });

  it('[R6, G10] that the hub wrote while its clusters went back gives way to the one of the rollback', () => {
    const back = requested(1, { kind: 'rollback', state: 'pinning', pinBefore: 'c2' });
    const facts = (more: Partial<Parameters<typeof pinned>[1]>) => {
      const pin = pinned(3, { promotion: null, change: { isRestored: false, actor: 'hub' }, ...more });
      return world({
        staging: { requested: back, pin, settlements: [settled('r1')], ended: [ended(3, 'superseded')] },
      });
    };
    expect(brief(facts({}))).toEqual(['answer staging 41']);
    expect(brief(facts({ promotion: 41 }))).toEqual([]);
    expect(brief(facts({ change: null }))).toEqual(['look-at-pin staging']);
    expect(brief(facts({ change }))).toEqual(['41 superseded', 'open pin release r3 in staging, waiting']);
    for (const under of [rolling(1, 'running', { kind: 'rollback' }), rolling(1, 'rolling-back')]) {
      const own = { source: 'fleet', revision: 'c3', promotion: '23' };
      const pin = pinned(3, { spec: own, promotion: null, change: { isRestored: false, actor: 'hub' } });
      expect(brief(world({ staging: { rolling: under, pin } }))).toEqual(['answer staging 31']);
    }
    // What a person wrote there already is still to be held.
    expect(brief(facts({ spec: { source: 'fleet', revision: 'c1' }, change: null }))).toEqual(['answer staging 41']);
  });

  it('[P6] of a person rolls out once its gates are met, without another commit', () => {
    const promotion = requested(2, { origin: 'pin' });
    const rule = rules({ from: ['dev'], checks: ['load'] });
    expect(brief(world({ dev: fromDev, staging: { rules: rule, pin: pinned(2), requested: promotion } }))).toEqual([
      'wait check',
    ]);
    expect(brief(world({ dev: fromDev, staging: { pin: pinned(2), requested: promotion } }))).toEqual(['roll out 42']);
  });
});

describe('a commit that is on its way', () => {
  const approvals = { required: 1, from: ['role:approver'], allowAuthor: false };
  const check = { verdict: 'fail' as const, detail: null, at: now };
  const hold = { reason: 'x', by: 'y' };
  const own = { source: 'fleet', revision: 'c2', promotion: '42' };
  const member = { promotion: 50, application: 'database', state: 'pinning' as const, ready: true };

  it.each<[string, Partial<RequestedPromotion>, Partial<EnvironmentFacts>, Partial<EnvironmentFacts>]>([
    ['[P2] whose environment asks for approvals meanwhile', {}, {}, { rules: rules({ from: ['dev'], approvals }) }],
    ['[P4] whose check is asked for meanwhile', {}, {}, { rules: rules({ from: ['dev'], checks: ['load'] }) }],
    [
      '[P4] whose check fails meanwhile',
      { checks: new Map([['load', check]]) },
      {},
      { rules: rules({ from: ['dev'], checks: ['load'] }) },
    ],
    ['[P4] whose window closes meanwhile', {}, {}, { windows: [{ name: 'noon', spec: null }] }],
    [
      '[P1] whose release falls ill where it comes from',
      {},
      { settlements: [settled('r2', { healthySince: null })] },
      {},
    ],
    [
      '[P5] whose pin is held meanwhile',
      {},
      {},
      { pin: pinned(1, { spec: { source: 'fleet', revision: 'c1', hold } }) },
    ],
    ['[R2] behind which a rollout goes on', {}, {}, { rolling: rolling(1) }],
    ['[R12] whose dependency is gone', { absent: new Map([['database', ['eu-1']]]) }, {}, {}],
  ])('%s is called back, and not admitted', (_, promotion, dev, staging) => {
    const requests = requested(2, { state: 'pinning', pinBefore: 'c1', ...promotion });
    const facts = { pin: pinned(1), settlements: [settled('r1')], ...staging, requested: requests };
    const origin = { ...fromDev, ...dev };
    expect(brief(world({ dev: origin, staging: facts }))).toEqual(['recall 42']);
    const inGit = { ...facts, pin: pinned(2, { spec: own, promotion: 42 }) };
    const isHeld = staging.pin !== undefined;
    expect(brief(world({ dev: origin, staging: inGit }))).toEqual([isHeld ? 'admit 42' : 'recall 42']);
  });

  it('[P2] has its plan looked at again; a rollback needs none', () => {
    const state = 'pinning' as const;
    const back = requested(1, { kind: 'rollback', state, plan: null });
    const asks = rules({ from: ['dev'], approvals });
    expect(brief(world({ dev: fromDev, staging: { requested: requested(2, { state, plan: null }) } }))).toEqual([
      'look-at-plan 42',
    ]);
    expect(brief(world({ staging: { requested: back, rules: asks, pin: pinned(2) } }))).toEqual([]);
  });

  it('[G10] is called back with all of its set whose commit is on its way', () => {
    const set = [member, { ...member, promotion: 51, state: 'pinned' as const }];
    const staging = { rules: rules({ from: ['dev'], approvals }), requested: requested(2, { state: 'pinning', set }) };
    expect(brief(world({ dev: fromDev, staging }))).toEqual(['recall 42 50']);
  });

  it('[G10] is given up with one of its set, unless Git has it by then', () => {
    const set = [{ ...member, state: 'aborted' as const }];
    const staging = { pin: pinned(1), requested: requested(2, { state: 'pinning', set, pinBefore: 'c1' }) };
    expect(brief(world({ dev: fromDev, staging }))).toEqual(['42 aborted']);
    const pin = pinned(2, { spec: own, promotion: 42 });
    expect(brief(world({ dev: fromDev, staging: { ...staging, pin } }))).toEqual(['admit 42']);
  });

  it('[P2, P4] that was called back and merged all the same stands, and is admitted once its gates are met', () => {
    const asks = rules({ from: ['dev'], approvals });
    const facts = (promotion: number | null, more: Partial<EnvironmentFacts>) => {
      const pin = pinned(2, { spec: own, promotion });
      return world({ dev: fromDev, staging: { pin, requested: requested(2, { pinBefore: 'c1' }), ...more } });
    };
    expect(brief(facts(null, { rules: asks }))).toEqual(['answer staging 42']);
    expect(brief(facts(42, { rules: asks }))).toEqual(['wait approval']);
    expect(brief(facts(42, {}))).toEqual(['admit 42']);
    const removal = requested(2, { kind: 'removal', target: null, pinBefore: 'c1' });
    expect(brief(facts(42, { rules: asks, requested: removal, pin: null }))).toEqual(['wait approval']);
    expect(brief(facts(42, { requested: removal, pin: null }))).toEqual(['roll out 42']);
  });
});

describe('mode auto', () => {
  const auto = (own = {}) => rules({ from: ['dev'], mode: 'auto', ...own });
  const open = (number: number) => [`open auto release r${number} in staging, waiting`];

  it.each<[string, Partial<EnvironmentFacts>, Partial<EnvironmentFacts>, string[]]>([
    [
      'does not try again what a check fails',
      fromDev,
      { rules: auto(), ended: [ended(2, 'rejected')], failed: new Set(['r2']) },
      [],
    ],
    ['[P5] takes what may go', fromDev, { rules: auto() }, open(2)],
    ['waits where nothing may', { settlements: [] }, { rules: auto() }, []],
    ['does nothing in mode manual', fromDev, { rules: rules({ from: ['dev'] }) }, []],
    ['has it already', fromDev, { rules: auto(), settlements: [settled('r2')] }, []],
    ['goes to nothing older', fromDev, { rules: auto(), settlements: [settled('r3')] }, []],
    [
      '[R6, P5] takes nothing while clusters go back, for that is to be held',
      fromDev,
      { rules: auto(), rolling: rolling(1, 'stopped', { kind: 'rollback' }) },
      [],
    ],
    ['[R6, P5] nor while they are taken back', fromDev, { rules: auto(), rolling: rolling(1, 'rolling-back') }, []],
    [
      '[P5] respects a hold',
      fromDev,
      {
        rules: auto(),
        pin: pinned(1, { spec: { source: 'fleet', revision: 'c1', hold: { reason: 'x', by: 'y' } } }),
        settlements: [settled('r1')],
      },
      [],
    ],
    [
      'does not try again what was rolled back',
      fromDev,
      { rules: auto(), ended: [ended(1, 'settled'), ended(2, 'rolled-back')], settlements: [settled('r1')] },
      [],
    ],
    [
      'does not try again what a person refused',
      fromDev,
      { rules: auto(), ended: [ended(2, 'rejected', { refused: true })] },
      [],
    ],
    ['tries again what a check refused', fromDev, { rules: auto(), ended: [ended(2, 'rejected')] }, open(2)],
    ['begins to wait while it soaks', { settlements: [settled('r2')] }, { rules: auto({ soak: '1h' }) }, open(2)],
    [
      '[P5] takes the newest that has soaked before a newer one that has not',
      { settlements: [settled('r3'), settled('r2', { inForce: false, soaked: 2 * 60 * minute })] },
      { rules: auto({ soak: '1h' }) },
      open(2),
    ],
  ])('%s', (_, dev, staging, expected) => expect(brief(world({ dev, staging }))).toEqual(expected));

  const waiting = requested(2, { origin: 'auto', waits: [] });
  it('[P5] gives way to a newer release that may go, and not to one that still soaks', () => {
    const rule = auto({ soak: '1h', checks: ['load'] });
    const newer = (healthySince: number) => ({
      settlements: [settled('r3', { healthySince }), settled('r2', { inForce: false, soaked: 120 * minute })],
    });
    const staging = { rules: rule, requested: waiting };
    expect(brief(world({ dev: newer(now - 90 * minute), staging }))).toEqual(['42 superseded']);
    expect(brief(world({ dev: newer(now), staging }))).toEqual(['wait check']);
  });

  it('[P5] gives way when it was replaced before it had soaked', () => {
    const dev = { settlements: [settled('r3'), settled('r2', { inForce: false, soaked: minute })] };
    expect(brief(world({ dev, staging: { rules: auto({ soak: '1h' }), requested: waiting } }))).toEqual([
      '42 superseded',
    ]);
  });

  it('[P5] leaves a release that rolls out to end, unless it fails', () => {
    const staging = (state: 'running' | 'stopped') => ({
      rules: auto(),
      requested: waiting,
      rolling: rolling(1, state),
    });
    expect(brief(world({ dev: fromDev, staging: staging('running') }))).toEqual(['wait rollout']);
    expect(brief(world({ dev: fromDev, staging: staging('stopped') }))).toEqual(['pin 42']);
  });

  it('[P5] leaves a release that soaks for the next environment to end, unless it is ill', () => {
    const prod = { rules: rules({ from: ['staging'], soak: '1h' }) };
    const staging = (own: object) => ({ rules: auto(), requested: waiting, settlements: [settled('r1', own)] });
    const facts = (own: object) => world({ dev: fromDev, staging: staging(own), prod });
    const [wait] = steps(facts({}));
    expect(wait).toMatchObject({ waits: [{ gate: 'rollout', deadline: now + 50 * minute }] });
    expect(brief(facts({ healthySince: now - 61 * minute }))).toEqual(['pin 42']);
    expect(brief(facts({ healthySince: null }))).toEqual(['pin 42']);
    // A person does not wait for that.
    const asked = { ...staging({}), requested: requested(2) };
    expect(brief(world({ dev: fromDev, staging: asked, prod }))).toEqual(['pin 42']);
  });
});

describe('a rollout that ends', () => {
  it.each<[RollingState, string[]]>([
    ['running', []],
    ['paused', []],
    ['stopped', []],
    ['rolling-back', []],
    ['completed', ['32 settled']],
    ['rolled-back', ['32 rolled-back']],
    ['aborted', ['32 aborted']],
    ['superseded', ['32 superseded']],
  ])('%s', (state, expected) => expect(brief(world({ staging: { rolling: rolling(2, state) } }))).toEqual(expected));
  type RollingState = EnvironmentFacts['rolling'] extends infer R
    ? R extends { rollout: { state: infer S } }
      ? S
      : never
    : never;

  const takenBack = (own: Partial<RolloutFacts> = {}) => {
    const rollout = { id: 7, state: 'rolled-back', reason: null, previous: 'r1', rolledBackBy: null, ...own } as const;
    return { rolling: rolling(2, 'rolled-back', { rollout }), settlements: [settled('r1')] };
  };

  it('[R6] takes its pin back after its clusters, and holds it', () => {
    const staging = { ...takenBack({ reason: 'too many failed' }), pin: pinned(2) };
    expect(steps(world({ staging }))).toMatchObject([
      { type: 'end', promotion: 32, state: 'rolled-back', reason: 'too many failed' },
      {
        ...{ type: 'open', kind: 'rollback', state: 'pinning', target: { revision: 'c1' } },
        ...{ requestedBy: 'hub', reason: 'too many failed' },
      },
    ]);
    const by = { rolledBackBy: 'user:lead@example.com', reason: 'errors' };
    expect(steps(world({ staging: { ...takenBack(by), pin: pinned(2) } }))[1]).toMatchObject({
      ...{ requestedBy: 'user:lead@example.com', reason: 'errors' },
    });
  });

  it('[R6] writes a pin where the head is followed, so that it is not followed any more', () => {
    expect(brief(world({ dev: takenBack() }, { newest: 'r2' }))).toEqual([
      '32 rolled-back',
      'open rollback rollback r1 in dev, pinning',
    ]);
  });

  it.each(['waiting', 'pinning', 'pinned'] as const)('[R6, P5] of which what is %s gives way to the pin', (state) => {
    const staging = { ...takenBack(), pin: pinned(2), requested: requested(3, { origin: 'auto', state }) };
    // Whatever has ended meanwhile, and whatever the pin says.
    for (const more of [{}, { ended: [ended(3, 'aborted'), ended(1, 'settled')] }, { pin: pinned(1) }, { pin: null }]) {
      expect(brief(world({ dev: fromDev, staging: { ...staging, ...more } }))).toEqual([
        ...['32 rolled-back', '43 superseded', 'open rollback rollback r1 in staging, pinning'],
      ]);
    }
  });

  it('[R6] of a rollback by hand comes before its commit, which what waits gives way to', () => {
    const rollback = rolling(1, 'completed', { kind: 'rollback' });
    const staging = { rolling: rollback, requested: requested(3), pin: pinned(2) };
    expect(brief(world({ staging }))).toEqual(['43 superseded', 'pin 31']);
    const back = requested(1, { kind: 'rollback', state: 'pinned' });
    expect(brief(world({ staging: { requested: back, pin: pinned(1), settlements: [settled('r1')] } }))).toEqual([
      '41 settled',
    ]);
  });
});

describe('an environment that is declared no more', () => {
  const undeclared = [{ environment: 'qa', promotions: [7, 8], isPinned: true }];

  it('[G10] ends the promotions that are on their way there', () => {
    expect(steps(world({}, { undeclared }))).toEqual(
      [7, 8].map((promotion) => ({
        ...{ type: 'end', promotion, state: 'aborted', reason: 'environment qa is declared no more' },
      })),
    );
  });
});

describe('a set', () => {
  const member = (own: object) => ({
    promotion: 50,
    application: 'database',
    state: 'waiting' as const,
    ready: true,
    ...own,
  });
  const facts = (own: Partial<RequestedPromotion>) =>
    world({ dev: fromDev, staging: { requested: requested(2, own) } });

  it('[G10] is one commit, once all of it may go', () => {
    expect(brief(facts({ set: [member({ ready: false })] }))).toEqual(['wait set']);
    expect(brief(facts({ set: [member({})] }))).toEqual(['pin 42 50']);
  });

  it.each(['pinning', 'pinned', 'rolling-out', 'settled'] as const)('[G10, R2] calls none back that is %s', (state) => {
    expect(brief(facts({ set: [member({ state })] }))).toEqual(['pin 42']);
  });

  it('[G10] is given up whole', () => {
    for (const state of ['rejected', 'aborted', 'superseded', 'rolled-back', 'failed'] as const)
      expect(brief(facts({ set: [member({ state })] }))).toEqual(['42 aborted']);
  });

  it('[R12] goes no further once what it depends on has ended otherwise than by settling', () => {
    const dependsOn = ['database'];
    for (const ending of ['aborted', 'rolled-back', 'superseded', 'failed'] as const) {
      const set = [member({ state: ending })];
      expect(steps(facts({ state: 'pinned', dependsOn, set }))).toMatchObject([
        { type: 'end', state: 'aborted', reason: `database, which it depends on, was not settled: it is ${ending}` },
      ]);
    }
    expect(brief(facts({ state: 'pinned', dependsOn: [], set: [member({ state: 'aborted' })] }))).toEqual([
      'roll out 42',
    ]);
  });

  it('[R12] waits, and rolls out nothing, while what it depends on is missing on clusters', () => {
    const absent = new Map([['database', ['eu-1', 'eu-2']]]);
    expect(steps(facts({ absent }))).toMatchObject([
      {
        type: 'wait',
        waits: [
          {
            ...{ gate: 'dependency', name: 'database', deadline: null },
            reason: 'shop depends on database, which is not placed on 2 clusters of staging: eu-1, eu-2',
          },
        ],
      },
    ]);
    // What comes with it in one commit is placed before it.
    expect(brief(facts({ absent, set: [member({})] }))).toEqual(['pin 42 50']);
    expect(brief(facts({ absent, kind: 'rollback' }))).toEqual(['pin 42']);
  });

  it('[R12] rolls out what others depend on first', () => {
    const state = 'pinned' as const;
    const dependsOn = ['database'];
    expect(brief(facts({ state, dependsOn, set: [member({ state: 'rolling-out' })] }))).toEqual(['wait dependency']);
    expect(brief(facts({ state, dependsOn, set: [member({ state: 'settled' })] }))).toEqual(['roll out 42']);
    expect(brief(facts({ state, set: [member({ state: 'rolling-out' })] }))).toEqual(['roll out 42']);
  });
});

describe('a removal', () => {
  const removal = requested(1, { kind: 'removal', target: null, pinBefore: 'c1' });

  it('[G9] takes the pin away and rolls out; from where there is none, it rolls out', () => {
    const there = { pin: pinned(1), settlements: [settled('r1')] };
    expect(brief(world({ staging: { ...there, requested: removal } }))).toEqual(['pin 41']);
    expect(brief(world({ staging: { ...there, pin: null, requested: { ...removal, state: 'pinning' } } }))).toEqual([
      'admit 41',
    ]);
    const noPin = { ...removal, pinBefore: null };
    expect(brief(world({ staging: { settlements: [settled('r1')], requested: noPin } }))).toEqual(['roll out 41']);
  });

  it('[G9] waits for approvals, but where the environment needs no person', () => {
    const approvals = { required: 1, from: ['role:approver'], allowAuthor: false };
    const facts = (own: 'approve' | 'auto') =>
      world({
        staging: { rules: rules({ from: ['dev'], removal: own, approvals }), pin: pinned(1), requested: removal },
      });
    expect(brief(facts('approve'))).toEqual(['wait approval']);
    expect(brief(facts('auto'))).toEqual(['pin 41']);
  });

  it('[G9] needs no person where the environment says so, once nothing is for it any more', () => {
    const left = { rules: rules({ removal: 'auto' }), isLeft: true, settlements: [settled('r1')] };
    expect(brief(world({ dev: left }, { gone: true }))).toEqual(['open auto removal r1 in dev, waiting']);
    expect(brief(world({ dev: { ...left, rules: rules() } }, { gone: true }))).toEqual([]);
    expect(brief(world({ dev: left }, { newest: 'r1' }))).toEqual([]);
    // It is for the environment again before it was taken away.
    const waiting = { ...removal, origin: 'auto' as const, pinBefore: null };
    expect(brief(world({ dev: { ...left, requested: waiting } }, { newest: 'r1' }))).toEqual(['41 superseded']);
  });

  it('[G1, G9] takes nothing from where the pinned release is for, though the newest is not and a cluster left', () => {
    const releases = new Map([1, 2].map((number) => [`r${number}`, release(number)]));
    releases.set('r3', release(3, { environments: [] }));
    const left = { rules: rules({ from: ['dev'], removal: 'auto' }), isLeft: true, settlements: [settled('r1')] };
    const facts = (pin: EnvironmentFacts['pin'], gone = false) =>
      world({ staging: { ...left, pin } }, { releases, newest: gone ? null : 'r3', gone });
    for (const gone of [false, true]) {
      expect(brief(facts(pinned(1), gone))).toEqual([]);
      // A pin whose commit is no release: what is in force says where it is to run.
      expect(brief(facts(pinned(9, { release: null }), gone))).toEqual([]);
      expect(brief(facts(pinned(3), gone))).toEqual(['open auto removal r1 in staging, waiting']);
      expect(brief(facts(null, gone))).toEqual(['open auto removal r1 in staging, waiting']);
    }
  });
});
