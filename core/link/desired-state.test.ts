import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Assignment, desiredDigest } from './assignment.ts';
import {
  cutUpdate,
  type DesiredDraft,
  type DesiredState,
  type DesiredUpdate,
  desiredState,
  takePart,
  updateBetween,
  wholeUpdate,
} from './desired-state.ts';

const assignments: fc.Arbitrary<Assignment> = fc.record({
  application: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  release: fc.string(),
  bundle: fc.constantFrom<Assignment['bundle']>('sha256:1', 'sha256:2'),
  generation: fc.nat(3),
  environment: fc.constant('dev'),
  drift: fc.constantFrom<Assignment['drift']>('correct', 'report', 'hold'),
  tenant: fc.constant(null),
  allow: fc.option(fc.constant({ kinds: ['v1/*'], namespaces: ['shop'] })),
  pruneApproved: fc.boolean(),
  traceparent: fc.option(fc.string()),
});
const states = fc.array(assignments, { maxLength: 8 }).map(desiredState);

function take(held: DesiredState | null, update: DesiredUpdate, size: number) {
  let draft: DesiredDraft | null = null;
  for (const part of cutUpdate(update, size, () => 10)) {
    const outcome = takePart(held, draft, part);
    if (outcome.type !== 'partial') return outcome;
    draft = outcome.draft;
  }
  throw new Error('no part was the last');
}

describe('desired state', () => {
  it('[L2] is the same on both sides after any change, in parts of any size', () => {
    fc.assert(
      fc.property(states, states, fc.integer({ min: 1, max: 50 }), (from, to, size) => {
        const update = updateBetween(from, to) ?? wholeUpdate(to);
        const outcome = take(from, update, size);
        expect(outcome).toMatchObject({ type: 'complete', state: { digest: to.digest } });
        expect(take(null, wholeUpdate(to), size)).toMatchObject({ type: 'complete', state: { digest: to.digest } });
      }),
    );
  });

  it('[L2] never holds what it cannot be sure of: any lost part is a mismatch, or changes nothing', () => {
    fc.assert(
      fc.property(states, states, fc.nat(), (from, to, lost) => {
        const update = updateBetween(from, to);
        fc.pre(update !== null);
        const parts = cutUpdate(update, 1, () => 10);
        fc.pre(parts.length > 1);
        const missing = lost % parts.length;
        let draft: DesiredDraft | null = null;
        for (const part of parts.filter((_, index) => index !== missing)) {
          const outcome = takePart(from, draft, part);
          if (outcome.type === 'complete') expect(outcome.state.digest).toBe(to.digest);
          draft = outcome.type === 'partial' ? outcome.draft : null;
        }
      }),
    );
  });

  it('[L2] refuses a change that starts from another state', () => {
    fc.assert(
      fc.property(states, states, states, (held, from, to) => {
        const update = updateBetween(from, to);
        fc.pre(update !== null && held.digest !== from.digest);
        expect(take(held, update, 100)).toEqual({ type: 'mismatch' });
      }),
    );
  });

  it('[L7] is cut into parts that fit, whatever one assignment takes', () => {
    const state = desiredState(
      Array.from({ length: 10 }, (_, index) => ({
        ...(fc.sample(assignments, 1)[0] as Assignment),
        application: `${index}`,
      })),
    );
    const parts = cutUpdate(wholeUpdate(state), 30, ({ application }) => (application === '3' ? 100 : 10));
    expect(parts.map(({ assigned }) => assigned.length)).toEqual([3, 1, 3, 3]);
    expect(parts.map(({ last }) => last)).toEqual([false, false, false, true]);
  });

  it('[L6] has the digest of a version that knew nothing of what came later, where that says nothing', () => {
    fc.assert(
      fc.property(assignments, (assignment) => {
        const { allow: _, pruneApproved: __, ...older } = assignment;
        const same = desiredDigest([{ ...assignment, allow: null, pruneApproved: false }]);
        expect(desiredDigest([older as Assignment])).toBe(same);
        expect(desiredDigest([{ ...assignment, allow: null, pruneApproved: true }])).not.toBe(same);
      }),
    );
  });
});
