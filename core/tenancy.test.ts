import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TenantBounds } from './assignment.ts';
import { matchesGlob } from './glob.ts';
import { impersonatedUser, refusals } from './tenancy.ts';

const bounds: TenantBounds = {
  name: 'storefront',
  namespaces: ['shop', 'shop-*'],
  allow: ['apps/*', 'v1/ConfigMap', 'v1/Namespace'],
  deny: ['apps/DaemonSet'],
  serviceAccount: 'shop/deployer',
};
const ref = (group: string, kind: string, namespace: string, name = 'x') => ({ group, kind, namespace, name });

describe('the bounds of a tenant', () => {
  it.each([ref('apps', 'Deployment', 'shop'), ref('', 'ConfigMap', 'shop-eu'), ref('', 'Namespace', '', 'shop-eu')])(
    '[A10] allow %o',
    (object) => {
      expect(refusals([object], bounds)).toEqual([]);
    },
  );

  it.each([
    [ref('apps', 'DaemonSet', 'shop'), 'apps/DaemonSet is denied'],
    [ref('', 'Secret', 'shop'), 'may not have v1/Secret'],
    [ref('', 'ConfigMap', 'kube-system'), 'may not use namespace kube-system'],
    [ref('', 'ConfigMap', 'shopping'), 'may not use namespace shopping'],
    [ref('', 'Namespace', '', 'other'), 'may not use namespace other'],
    [ref('rbac.authorization.k8s.io', 'ClusterRole', ''), 'may not have rbac.authorization.k8s.io/ClusterRole'],
  ])('[A10] refuse %o', (object, why) => {
    expect(refusals([object], bounds)[0]?.message).toContain(why);
  });

  it('[A10] allow nothing where nothing is allowed', () => {
    expect(refusals([ref('', 'ConfigMap', 'shop')], { ...bounds, allow: [] })[0]?.message).toContain('only nothing');
    expect(refusals([ref('', 'ConfigMap', 'shop')], { ...bounds, allow: ['*'], namespaces: ['*'] })).toEqual([]);
    expect(refusals([ref('', 'ConfigMap', 'shop')], { ...bounds, allow: ['*/*'] })).toEqual([]);
  });

  it('[A10] allow a cluster-scoped kind only by its group', () => {
    const binding = ref('rbac.authorization.k8s.io', 'ClusterRoleBinding', '');
    for (const allow of ['*', '*/*', '*/ClusterRoleBinding'])
      expect(refusals([binding], { ...bounds, allow: [allow] })[0]?.message).toContain('belongs to no namespace');
    for (const allow of ['rbac.authorization.k8s.io/*', 'rbac.authorization.k8s.io/ClusterRoleBinding'])
      expect(refusals([binding], { ...bounds, allow: ['*/*', allow] })).toEqual([]);
    expect(refusals([ref('', 'Namespace', '', 'shop')], { ...bounds, allow: ['*/*'] })).toEqual([]);
  });

  it('[A10] name every object that lies outside', () => {
    const outside = [ref('', 'Secret', 'shop', 'a'), ref('', 'Secret', 'shop', 'b')];
    expect(refusals([...outside, ref('', 'ConfigMap', 'shop')], bounds).map((refusal) => refusal.ref)).toEqual(outside);
  });

  it('[A10] say whom the agent acts as', () => {
    expect(impersonatedUser(bounds)).toBe('system:serviceaccount:shop:deployer');
    expect(impersonatedUser({ ...bounds, serviceAccount: null })).toBeNull();
    expect(impersonatedUser(null)).toBeNull();
  });
});

describe('globs', () => {
  it('cover as an expression of the same meaning does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), maxLength: 6 });
    fc.assert(
      fc.property(glob, text, (pattern, subject) => {
        expect(matchesGlob(pattern, subject)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(subject));
      }),
      { numRuns: 1_000 },
    );
  });
});
