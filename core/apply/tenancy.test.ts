import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../glob.ts';
import type { TenantBounds } from '../link/assignment.ts';
import type { ObjectRef } from '../objects/object.ts';
import { boundsOf, impersonatedUser, refusals as refusalsWithin } from './tenancy.ts';

const bounds: TenantBounds = {
  name: 'storefront',
  namespaces: ['shop', 'shop-*'],
  allow: ['apps/*', 'v1/ConfigMap', 'v1/Namespace'],
  deny: ['apps/DaemonSet'],
  serviceAccount: 'shop/deployer',
};
const refusals = (refs: readonly ObjectRef[], tenant: TenantBounds) =>
  refusalsWithin(refs, boundsOf({ tenant, allow: null }));
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

  it('[A10, T7] hold beside those of the cluster', () => {
    const allow = { kinds: ['apps/*'], namespaces: ['shop'] };
    const all = boundsOf({ tenant: bounds, allow });
    expect(refusalsWithin([ref('apps', 'Deployment', 'shop')], all)).toEqual([]);
    const refused = refusalsWithin([ref('apps', 'Deployment', 'shop-eu'), ref('', 'ConfigMap', 'shop')], all);
    expect(refused.map(({ message }) => message)).toEqual([
      'Deployment shop-eu/x: this cluster may not use namespace shop-eu: only shop is allowed',
      'ConfigMap shop/x: this cluster may not have v1/ConfigMap: only apps/* is allowed',
    ]);
  });

  it('[A10, T7] of a cluster that may receive every namespace hold nothing back by group', () => {
    const binding = ref('rbac.authorization.k8s.io', 'ClusterRoleBinding', '');
    const within = (namespaces: string[]) =>
      refusalsWithin([binding], boundsOf({ tenant: null, allow: { kinds: ['*/*'], namespaces } })).length === 0;
    expect(within(['*'])).toBe(true);
    expect(within(['shop'])).toBe(false);
    expect(refusalsWithin([binding], boundsOf({ tenant: null, allow: null }))).toEqual([]);
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
