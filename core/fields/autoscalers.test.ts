import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/object.ts';
import { autoscalerRules } from './autoscalers.ts';

const scaler = (apiVersion: string, kind: string, scaleTargetRef: unknown, metadata = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'web', ...metadata },
  spec: { scaleTargetRef },
});
const hpa = (target: unknown, metadata = {}) => scaler('autoscaling/v2', 'HorizontalPodAutoscaler', target, metadata);
const fields = ['/spec/replicas'];

describe('autoscalers', () => {
  it('[D4] have the replicas of what they scale left to them', () => {
    const target = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' };
    expect(autoscalerRules([hpa(target), hpa(target, { namespace: 'other' })], 'shop')).toEqual([
      { group: 'apps', kind: 'StatefulSet', namespace: 'shop', name: 'db', fields },
      { group: 'apps', kind: 'StatefulSet', namespace: 'other', name: 'db', fields },
    ]);
  });

  it('[D4] of KEDA scale a Deployment where they name no kind', () => {
    expect(autoscalerRules([scaler('keda.sh/v1alpha1', 'ScaledObject', { name: 'web' })], 'shop')).toEqual([
      { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web', fields },
    ]);
  });

  it('[D4] are none among other objects, and where they scale nothing', () => {
    const others = [
      hpa(undefined),
      hpa({ kind: 'Deployment' }),
      scaler('example.com/v1', 'HorizontalPodAutoscaler', { name: 'web' }),
    ];
    expect(autoscalerRules(others, 'shop')).toEqual([]);
  });
});
