import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countApprovals, mayApprove } from './approvals.ts';
import { requested } from './sample-world.ts';

const asked = { required: 2, from: ['role:approver'], allowAuthor: false };
const by = (name: string, role = 'approver') => {
  const address = `${name}@example.com`;
  return { actor: `user:${address}`, role, address };
};

describe('approvals', () => {
  it.each([
    ['somebody of the role', by('bob'), null],
    ['a role that may do all that the other may', by('root', 'admin'), null],
    ['another role', by('bob', 'operator'), 'role-not-asked'],
    ['a role that there is none of', by('bob', 'king'), 'role-not-asked'],
    ['whoever asked for it', by('dana'), 'own-promotion'],
    ['whoever wrote what is new', by('carol'), 'own-commits'],
  ])('[P3] by %s', (_, approval, expected) => {
    const promotion = requested(2, { authors: ['carol@example.com'] });
    expect(mayApprove(promotion, asked, approval)).toBe(expected);
  });

  it('[P3] of their own commits count where the environment allows it, of their own promotion never', () => {
    const promotion = requested(2, { authors: ['carol@example.com', 'dana@example.com'] });
    const lenient = { ...asked, allowAuthor: true };
    expect(mayApprove(promotion, lenient, by('carol'))).toBeNull();
    expect(mayApprove(promotion, lenient, by('dana'))).toBe('own-promotion');
  });

  it('[P3] tells people apart by their address, whatever token they bear', () => {
    const promotion = requested(2, { authors: ['carol@example.com'] });
    const bears = (address: string | null) => ({ actor: 'token:ci', role: 'approver', address });
    expect(mayApprove(promotion, asked, bears('carol@example.com'))).toBe('own-commits');
    expect(mayApprove(promotion, asked, bears('dana@example.com'))).toBe('own-promotion');
    expect(mayApprove(promotion, asked, bears(null))).toBeNull();
  });

  it('[P2] are void once the plan is another one, and say so', () => {
    const approvals = [
      { id: 1, ...by('bob'), planDigest: 'old' },
      { id: 2, ...by('erin'), planDigest: 'plan' },
    ];
    const count = countApprovals(requested(2, { approvals }), asked, 'plan');
    expect(count).toMatchObject({ given: 1, required: 2, voided: [{ id: 1 }] });
    expect(count.voided[0]?.reason).toContain('the plan changed');
  });

  it('[P2] neither count nor are void while there is no plan', () => {
    const approvals = [{ id: 1, ...by('bob'), planDigest: 'plan' }];
    expect(countApprovals(requested(2, { approvals }), asked, null)).toMatchObject({ given: 0, voided: [] });
  });

  it('[P3] of one person count once, and never more than there are people', () => {
    const people = fc.constantFrom('bob', 'erin', 'dana', 'carol');
    const roles = fc.constantFrom('approver', 'admin', 'viewer');
    const plans = fc.constantFrom('plan', 'old');
    fc.assert(
      fc.property(fc.array(fc.tuple(people, roles, plans)), (given) => {
        const approvals = given.map(([name, role, planDigest], id) => ({ id, ...by(name, role), planDigest }));
        const promotion = requested(2, { approvals, authors: ['carol@example.com'] });
        const counting = new Set(
          given
            .filter(([name, role, plan]) => plan === 'plan' && role !== 'viewer' && name !== 'dana' && name !== 'carol')
            .map(([name]) => name),
        );
        expect(countApprovals(promotion, asked, 'plan').given).toBe(counting.size);
      }),
    );
  });
});
