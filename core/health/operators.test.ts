import { describe, expect, it } from 'vitest';
import type { Health } from '../link/status.ts';
import type { KubeObject } from '../objects/object.ts';
import { healthOf } from './health.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const object = (apiVersion: string, kind: string, status: unknown, metadata = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
  status,
});
const condition = (type: string, status: string, reason = '', lastTransitionTime = '2026-01-01T11:59:00Z') => ({
  ...{ type, status, reason, lastTransitionTime },
  message: 'because',
});
const certificate = (status: unknown) => object('cert-manager.io/v1', 'Certificate', status);
const issuer = (...conditions: unknown[]) => object('cert-manager.io/v1', 'ClusterIssuer', { conditions });
const request = (...conditions: unknown[]) => object('cert-manager.io/v1', 'CertificateRequest', { conditions });
const order = (state: string) => object('acme.cert-manager.io/v1', 'Order', { state, reason: 'because' });
const autoscaler = (...conditions: unknown[]) =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', { desiredReplicas: 3, conditions });
const budget = (status: unknown) => object('policy/v1', 'PodDisruptionBudget', status);
const rollout = (phase: string) => object('argoproj.io/v1alpha1', 'Rollout', { phase, message: 'because' });
const able = condition('AbleToScale', 'True');
const ready = condition('Ready', 'True');

const cases: readonly (readonly [what: string, object: KubeObject, health: Health])[] = [
  ['a new Certificate', certificate({}), 'progressing'],
  ['a Certificate that is issued', certificate({ conditions: [condition('Issuing', 'True')] }), 'progressing'],
  ['a valid Certificate', certificate({ conditions: [ready], notAfter: '2026-02-01T00:00:00Z' }), 'healthy'],
  [
    'a Certificate that is renewed while it is valid',
    certificate({ conditions: [ready, condition('Issuing', 'True')], notAfter: '2026-02-01T00:00:00Z' }),
    'healthy',
  ],
  ['an expired Certificate', certificate({ conditions: [ready], notAfter: '2025-12-01T00:00:00Z' }), 'degraded'],
  [
    'a Certificate that could not be issued',
    certificate({ conditions: [condition('Ready', 'False'), condition('Issuing', 'False', 'Failed')] }),
    'degraded',
  ],
  ['a new ClusterIssuer', issuer(), 'progressing'],
  ['a ready ClusterIssuer', issuer(ready), 'healthy'],
  ['a ClusterIssuer without an account', issuer(condition('Ready', 'False', 'ErrRegisterACMEAccount')), 'degraded'],
  ['a CertificateRequest', request(condition('Ready', 'False', 'Pending')), 'progressing'],
  ['a CertificateRequest that is issued', request(ready), 'healthy'],
  ['a CertificateRequest that is denied', request(condition('Denied', 'True')), 'degraded'],
  ['a CertificateRequest that failed', request(condition('Ready', 'False', 'Failed')), 'degraded'],
  ['a valid Order', order('valid'), 'healthy'],
  ['a pending Order', order('pending'), 'progressing'],
  ['an Order that erred', order('errored'), 'degraded'],

  ['an autoscaler that nobody has seen', autoscaler(), 'progressing'],
  ['an autoscaler that scales', autoscaler(able, condition('ScalingActive', 'True')), 'healthy'],
  ['an autoscaler at its limit', autoscaler(able, condition('ScalingLimited', 'True', 'TooManyReplicas')), 'healthy'],
  ['an autoscaler of nothing', autoscaler(condition('AbleToScale', 'False', 'FailedGetScale')), 'degraded'],
  ['an autoscaler that waits for metrics', autoscaler(able, condition('ScalingActive', 'False')), 'progressing'],
  [
    'an autoscaler long without metrics',
    autoscaler(able, condition('ScalingActive', 'False', 'FailedGetResourceMetric', '2026-01-01T11:00:00Z')),
    'degraded',
  ],
  [
    'an autoscaler that is switched off',
    autoscaler(able, condition('ScalingActive', 'False', 'ScalingDisabled')),
    'suspended',
  ],
  [
    'an autoscaler of autoscaling/v1',
    object(
      'autoscaling/v1',
      'HorizontalPodAutoscaler',
      {},
      {
        annotations: {
          'autoscaling.alpha.kubernetes.io/conditions': JSON.stringify([condition('AbleToScale', 'False')]),
        },
      },
    ),
    'degraded',
  ],
  ['a budget that allows something', budget({ currentHealthy: 3, expectedPods: 3, disruptionsAllowed: 1 }), 'healthy'],
  [
    'a budget that allows nothing just now',
    budget({ conditions: [condition('DisruptionAllowed', 'False', 'InsufficientPods')] }),
    'healthy',
  ],
  [
    'a budget whose pods cannot be counted',
    budget({ conditions: [condition('DisruptionAllowed', 'False', 'SyncFailed')] }),
    'degraded',
  ],
  ['a Rollout that stands', rollout('Healthy'), 'healthy'],
  ['a paused Rollout', rollout('Paused'), 'suspended'],
  ['a failed Rollout', rollout('Degraded'), 'degraded'],
];

describe('health of what operators and autoscalers keep', () => {
  it.each(cases)('[H1] [H2] of %s', (_, live, health) => {
    const report = healthOf(live, now);
    expect(report.health).toBe(health);
    expect(report.reason).toMatch(/^\S.*\S$/);
  });

  it('[H1] a certificate expires, and an autoscaler is given up, though nothing changes', () => {
    for (const live of [
      certificate({ conditions: [ready], notAfter: '2026-02-01T00:00:00Z' }),
      autoscaler(able, condition('ScalingActive', 'False')),
    ]) {
      const { recheckAt = 0 } = healthOf(live, now);
      expect(recheckAt).toBeGreaterThan(now);
      expect(healthOf(live, recheckAt).health).toBe('degraded');
    }
  });
});
