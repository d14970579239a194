import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder, inPruneOrder, stageOf, stages, waveAnnotation, waveOf } from './order.ts';

const item = (kind: string, group = '', wave?: string) => ({
  ref: { group, kind, namespace: '', name: kind.toLowerCase() },
  object: {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: { name: kind.toLowerCase(), ...(wave === undefined ? {} : { annotations: { [waveAnnotation]: wave } }) },
  },
});
const all = [
  item('ValidatingWebhookConfiguration', 'admissionregistration.k8s.io'),
  item('Deployment', 'apps'),
  item('Widget', 'example.com'),
  item('ConfigMap'),
  item('StorageClass', 'storage.k8s.io'),
  item('ClusterRole', 'rbac.authorization.k8s.io'),
  item('Namespace'),
  item('CustomResourceDefinition', 'apiextensions.k8s.io'),
];
const kindsOf = (groups: ReturnType<typeof inOrder<(typeof all)[number]>>) =>
  groups.flatMap(({ objects }) => objects.map(({ ref }) => ref.kind));

describe('the order of applying', () => {
  it('[A2] definitions, classes, the rest, webhooks last', () => {
    expect(kindsOf(inOrder(all))).toEqual([
      'CustomResourceDefinition',
      'Namespace',
      'ClusterRole',
      'StorageClass',
      'ConfigMap',
      'Deployment',
      'Widget',
      'ValidatingWebhookConfiguration',
    ]);
  });

  it('[A2] waves order within a stage, and never across stages', () => {
    const order = kindsOf(
      inOrder([
        item('Deployment', 'apps', '-1'),
        item('ConfigMap', '', '2'),
        item('Secret'),
        item('Namespace', '', '9'),
      ]),
    );
    expect(order).toEqual(['Namespace', 'Deployment', 'Secret', 'ConfigMap']);
  });

  it('[A2] a wave that is no whole number is told', () => {
    expect(waveOf(item('Pod', '', 'first').object)).toBeNull();
    expect(waveOf(item('Pod', '', '1.5').object)).toBeNull();
    expect(waveOf(item('Pod', '', '-3').object)).toBe(-3);
    expect(waveOf(item('Pod').object)).toBe(0);
  });

  it('[A2] takes a custom kind for what it is, whatever its name', () => {
    expect(stageOf({ group: 'example.com', kind: 'Namespace' })).toBe('objects');
    expect(stageOf({ group: 'gateway.networking.k8s.io', kind: 'GatewayClass' })).toBe('classes');
  });

  it('[A6] pruning goes the other way', () => {
    expect(inPruneOrder(all.map(({ ref }) => ref)).map(({ kind }) => kind)).toEqual([
      'ValidatingWebhookConfiguration',
      'Widget',
      'Deployment',
      'ConfigMap',
      'StorageClass',
      'ClusterRole',
      'Namespace',
      'CustomResourceDefinition',
    ]);
  });

  it('[A2] loses nothing, and never steps back a stage', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...all), fc.integer({ min: -5, max: 5 }))), (picks) => {
        const objects = picks.map(([{ ref }, wave]) => item(ref.kind, ref.group, String(wave)));
        const groups = inOrder(objects);
        expect(groups.flatMap((group) => group.objects)).toHaveLength(objects.length);
        const order = groups.map(({ stage }) => stages.indexOf(stage));
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
    );
  });
});
