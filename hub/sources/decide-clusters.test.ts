import { expect, it } from 'vitest';
import { decideClusters } from './decide-clusters.ts';

const allow = { kinds: ['v1/ConfigMap'], namespaces: ['shop'] };

it('sets what a file says, once', () => {
  const declared = [{ name: 'eu-1', labels: { ring: 'canary' }, spec: { allow } }];
  expect(decideClusters(declared, [{ name: 'eu-1', declared_labels: null, allow: null }])).toEqual([
    { name: 'eu-1', labels: { ring: 'canary' }, allow },
  ]);
  expect(decideClusters(declared, [{ name: 'eu-1', declared_labels: { ring: 'canary' }, allow }])).toEqual([]);
  expect(decideClusters(declared, [])).toEqual([]);
});

it('[T7] never widens a cluster because a file went', () => {
  expect(decideClusters([], [{ name: 'eu-1', declared_labels: { ring: 'canary' }, allow }])).toEqual([
    { name: 'eu-1', labels: null, allow: undefined },
  ]);
});
