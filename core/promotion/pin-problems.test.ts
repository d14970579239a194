import { describe, expect, it } from 'vitest';
import { pinProblems } from './pin-problems.ts';
import { ended, pinned, requested, rolling, settled, world } from './sample-world.ts';
import type { EnvironmentFacts } from './world.ts';

describe('what Git says, and what is in force', () => {
  const inForce = { settlements: [settled('r1')] };
  it.each<[string, Partial<EnvironmentFacts>, string[]]>([
    ['agree', { ...inForce, pin: pinned(1) }, []],
    ['nothing settled yet', { pin: pinned(1) }, []],
    ['[G9] the pin is gone', inForce, ['pin-missing']],
    [
      '[G1] the pin names what was aborted',
      { ...inForce, pin: pinned(2, { promotion: 22 }), ended: [ended(2, 'aborted')] },
      ['pin-not-in-force'],
    ],
    [
      '[G1] the pin names what was aborted, where nothing has settled',
      { pin: pinned(2, { promotion: 22 }), ended: [ended(2, 'aborted')] },
      ['pin-not-in-force'],
    ],
    ['a promotion is on its way', { ...inForce, pin: pinned(2), requested: requested(2) }, []],
    ['a rollout is under way', { ...inForce, pin: pinned(2), rolling: rolling(2) }, []],
  ])('%s', (_, staging, expected) => {
    expect(pinProblems(world({ staging })).map(({ code }) => code)).toEqual(expected);
  });

  it('says which promotion is why', () => {
    const staging = { ...inForce, pin: pinned(2, { promotion: 22 }), ended: [ended(2, 'aborted')] };
    expect(pinProblems(world({ staging }))).toMatchObject([
      {
        file: 'pins/staging/shop.yaml',
        message: 'the pin of shop in staging names c2, and r1 is in force: promotion 22 is aborted',
      },
    ]);
  });

  it('[P6] is for nothing where nobody declares its environment', () => {
    const undeclared = [{ environment: 'moon', promotions: [], isPinned: true }];
    expect(pinProblems(world({}, { undeclared }))).toMatchObject([
      { code: 'pin-environment-unknown', file: 'pins/moon/shop.yaml', message: 'there is no environment "moon"' },
    ]);
    expect(pinProblems(world({}, { undeclared: [{ environment: 'moon', promotions: [7], isPinned: false }] }))).toEqual(
      [],
    );
  });

  it('is no matter where the head is followed', () => {
    expect(pinProblems(world({ dev: inForce }))).toEqual([]);
  });
});
