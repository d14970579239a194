import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hookAnnotation, waveAnnotation } from '../objects/annotations.ts';
import { inOrder, inPruneOrder, inWaves, stageOf } from './order.ts';

const item = (kind: string, group = '', wave?: string, hook?: string) => ({
  ref: { group, kind, namespace: '', name: kind.toLowerCase() },
  object: {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: {
      name: kind.toLowerCase(),
      annotations: {
        ...(wave === undefined ? {} : { [waveAnnotation]: wave }),
        ...(hook === undefined ? {} : { [hookAnnotation]: hook }),
      },
    },
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
const kindsOf = (groups: readonly (readonly (typeof all)[number][])[]) => groups.flat().map(({ ref }) => ref.kind);

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

  it('[A2] what hooks ask for comes before and after the rest, and after definitions in any case', () => {
    const waves = inWaves([
      item('ConfigMap', '', '-5'),
      item('Job', 'batch', '3', 'pre'),
      item('Job', 'batch', '-3', 'post'),
      item('Secret', '', undefined, 'pre'),
      item('Namespace', '', undefined, 'post'),
      item('ValidatingWebhookConfiguration', 'admissionregistration.k8s.io'),
    ]);
    expect(waves.map(({ stage, wave, groups }) => [stage, wave, ...kindsOf(groups)])).toEqual([
      ['definitions', 0, 'Namespace'],
      ['pre', 0, 'Secret'],
      ['pre', 3, 'Job'],
      ['objects', -5, 'ConfigMap'],
      ['admission', 0, 'ValidatingWebhookConfiguration'],
      ['post', -3, 'Job'],
    ]);
  });

  it('[A2] takes a custom kind for what it is, whatever its name', () => {
    expect(stageOf({ group: 'example.com', kind: 'Namespace' })).toBe('objects');
    expect(stageOf({ group: 'gateway.networking.k8s.io', kind: 'GatewayClass' })).toBe('classes');
  });

  it('[A6] pruning goes the other way', () => {
    expect(inPruneOrder(all).flatMap((group) => group.map(({ ref }) => ref.kind))).toEqual([
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

  it('[A2, A6] pruning takes the last wave first, within a stage', () => {
    const left = [
      { ref: item('Deployment', 'apps').ref, live: { wave: 0 } },
      { ref: item('ConfigMap', '').ref, live: { wave: 5 } },
      { ref: item('Service', '').ref, live: { wave: -1 } },
      { ref: item('ClusterRole', 'rbac.authorization.k8s.io').ref, live: { wave: 9 } },
      { ref: item('Secret', '').ref },
    ];
    expect(inPruneOrder(left).map((group) => group.map(({ ref }) => ref.kind))).toEqual([
      ['ConfigMap'],
      ['Deployment'],
      ['Secret'],
      ['Service'],
      ['ClusterRole'],
    ]);
  });

  it('[A2] loses nothing, and never steps back a stage', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...all), fc.integer({ min: -5, max: 5 }))), (picks) => {
        const objects = picks.map(([{ ref }, wave]) => item(ref.kind, ref.group, String(wave)));
        const waves = inWaves(objects);
        expect(waves.flatMap(({ groups }) => groups.flat())).toHaveLength(objects.length);
        const stages = ['definitions', 'pre', 'classes', 'objects', 'admission', 'post'];
        const order = waves.map(({ stage, wave }) => stages.indexOf(stage) * 100 + wave);
        expect(order).toEqual([...order].sort((a, b) => a - b));
        expect(inOrder(objects).flat()).toHaveLength(objects.length);
      }),
    );
  });
});
