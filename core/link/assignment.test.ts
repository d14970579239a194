import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf } from '../canonical.ts';
import { type Assignment, desiredDigest, isSameAssignment } from './assignment.ts';

const bounds = fc.record({ kinds: fc.array(fc.string()), namespaces: fc.array(fc.string()) });
const assignments: fc.Arbitrary<Assignment> = fc.record({
  application: fc.string(),
  release: fc.string(),
  bundle: fc.constantFrom<Assignment['bundle']>('sha256:1', 'sha256:2'),
  generation: fc.nat(),
  environment: fc.string(),
  drift: fc.constantFrom<Assignment['drift']>('correct', 'report', 'hold'),
  tenant: fc.option(
    fc.record({
      name: fc.string(),
      namespaces: fc.array(fc.string()),
      allow: fc.array(fc.string()),
      deny: fc.array(fc.string()),
      serviceAccount: fc.option(fc.string()),
    }),
  ),
  allow: fc.option(bounds),
  pruneApproved: fc.boolean(),
  traceparent: fc.option(fc.string()),
});

describe('the digest of a desired state', () => {
  it('[L2] is that of the canonical JSON of what counts, whichever side makes it', () => {
    fc.assert(
      fc.property(fc.array(assignments, { maxLength: 5 }), (all) => {
        const sorted = [...all].sort((a, b) => (a.application < b.application ? -1 : 1));
        const counted = sorted.map(({ traceparent: _, allow, pruneApproved, ...rest }) => ({
          ...rest,
          ...(allow === null ? {} : { allow }),
          ...(pruneApproved ? { pruneApproved } : {}),
        }));
        expect(desiredDigest(all)).toBe(digestOf(canonicalJson(counted)));
      }),
    );
  });

  it('tells assignments apart by all but their trace', () => {
    fc.assert(
      fc.property(assignments, assignments, (one, other) => {
        expect(isSameAssignment(one, { ...one, traceparent: other.traceparent })).toBe(true);
        expect(isSameAssignment(one, other)).toBe(desiredDigest([one]) === desiredDigest([other]));
      }),
    );
  });
});
