import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Health, healths } from '../link/status.ts';
import type { KubeObject } from '../objects/object.ts';
import { healthOf, worstOf } from './health.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const object = (apiVersion: string, kind: string, spec: unknown, status: unknown, metadata = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
  spec,
  status,
});
const condition = (type: string, status: string, more = {}) => ({ type, status, ...more });
const deployment = (status: unknown, spec: unknown = { replicas: 2 }, metadata = {}) =>
  object('apps/v1', 'Deployment', spec, status, metadata);
const rolled = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
const job = (status: unknown, spec: unknown = {}) => object('batch/v1', 'Job', spec, status);
const cronJob = (status: unknown, spec: unknown = {}) => object('batch/v1', 'CronJob', spec, status);
const at = (second: number) => new Date(Date.parse('2026-01-01T11:00:00Z') + second * 1000).toISOString();
const pod = (status: unknown) => object('v1', 'Pod', {}, status);
const widget = (...conditions: unknown[]) => object('example.com/v1', 'Widget', {}, { conditions });

const cases: readonly (readonly [what: string, object: KubeObject, health: Health])[] = [
  ['a Deployment that stands', deployment(rolled), 'healthy'],
  ['a Deployment that nobody has seen', deployment(undefined), 'progressing'],
  ['a Deployment seen in an older generation', deployment(rolled, { replicas: 2 }, { generation: 2 }), 'progressing'],
  ['a Deployment in the middle of its update', deployment({ ...rolled, updatedReplicas: 1 }), 'progressing'],
  ['a Deployment with old replicas', deployment({ ...rolled, replicas: 3 }), 'progressing'],
  ['a Deployment without enough available', deployment({ ...rolled, availableReplicas: 1 }), 'progressing'],
  ['a Deployment scaled to nothing', deployment({ observedGeneration: 1 }, { replicas: 0 }), 'healthy'],
  ['a paused Deployment', deployment({ observedGeneration: 1 }, { replicas: 2, paused: true }), 'suspended'],
  [
    'a Deployment past its deadline',
    deployment({ ...rolled, conditions: [condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' })] }),
    'degraded',
  ],
  [
    'a Deployment that may create no pods',
    deployment({ ...rolled, conditions: [condition('ReplicaFailure', 'True')] }),
    'degraded',
  ],
  [
    'a StatefulSet that stands',
    object(
      'apps/v1',
      'StatefulSet',
      { replicas: 1 },
      { ...rolled, replicas: 1, readyReplicas: 1, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'a' },
    ),
    'healthy',
  ],
  [
    'a StatefulSet in its update',
    object('apps/v1', 'StatefulSet', { replicas: 1 }, { ...rolled, replicas: 1, readyReplicas: 1, updatedReplicas: 0 }),
    'progressing',
  ],
  [
    'a StatefulSet updated up to its partition',
    object(
      'apps/v1',
      'StatefulSet',
      { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      { ...rolled, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    ),
    'healthy',
  ],
  [
    'a DaemonSet that stands',
    object(
      'apps/v1',
      'DaemonSet',
      {},
      { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 },
    ),
    'healthy',
  ],
  [
    'a DaemonSet on no node',
    object('apps/v1', 'DaemonSet', {}, { observedGeneration: 1, desiredNumberScheduled: 0 }),
    'healthy',
  ],
  [
    'a DaemonSet in its update',
    object('apps/v1', 'DaemonSet', {}, { observedGeneration: 1, desiredNumberScheduled: 3, updatedNumberScheduled: 1 }),
    'progressing',
  ],
  ['a running Job', job({ active: 1 }), 'progressing'],
  ['a Job that has not started', job(undefined), 'progressing'],
  ['a suspended Job', job(undefined, { suspend: true }), 'suspended'],
  ['a completed Job', job({ conditions: [condition('Complete', 'True')] }), 'healthy'],
  ['a failed Job', job({ conditions: [condition('Failed', 'True')] }), 'degraded'],
  ['a Job that is about to fail', job({ active: 1, conditions: [condition('FailureTarget', 'True')] }), 'degraded'],
  ['a CronJob that has not run yet', cronJob({}), 'healthy'],
  ['a suspended CronJob', cronJob({}, { suspend: true }), 'suspended'],
  ['a CronJob whose last run succeeded', cronJob({ lastScheduleTime: at(0), lastSuccessfulTime: at(30) }), 'healthy'],
  ['a CronJob whose last run failed', cronJob({ lastScheduleTime: at(60), lastSuccessfulTime: at(30) }), 'degraded'],
  ['a CronJob that never succeeded', cronJob({ lastScheduleTime: at(60) }), 'degraded'],
  ['a CronJob that runs', cronJob({ lastScheduleTime: at(60), lastSuccessfulTime: at(30), active: [{}] }), 'healthy'],
  [
    'a CronJob of a server that does not say whether runs succeed',
    { ...cronJob({ lastScheduleTime: at(60) }), apiVersion: 'batch/v1beta1' },
    'healthy',
  ],
  ['a failed Pod', pod({ phase: 'Failed', message: 'evicted' }), 'degraded'],
  ['a completed Pod', pod({ phase: 'Succeeded' }), 'healthy'],
  ['a ready Pod', pod({ phase: 'Running', conditions: [condition('Ready', 'True')] }), 'healthy'],
  ['a Pod that is not ready', pod({ phase: 'Running', conditions: [condition('Ready', 'False')] }), 'progressing'],
  [
    'a Pod that crashes',
    pod({ phase: 'Running', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }),
    'degraded',
  ],
  [
    'a Pod without an image',
    pod({ phase: 'Pending', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ImagePullBackOff' } } }] }),
    'degraded',
  ],
  [
    'a Pod that finds no node for long',
    pod({
      phase: 'Pending',
      conditions: [condition('PodScheduled', 'False', { lastTransitionTime: '2026-01-01T11:59:00Z' })],
    }),
    'degraded',
  ],
  [
    'a Pod that finds no node yet',
    pod({
      phase: 'Pending',
      conditions: [condition('PodScheduled', 'False', { lastTransitionTime: '2026-01-01T11:59:55Z' })],
    }),
    'progressing',
  ],
  [
    'a Pod whose scheduling is gated',
    pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', { reason: 'SchedulingGated' })] }),
    'progressing',
  ],
  ['a Pod on a node that does not answer', pod({ phase: 'Unknown' }), 'unknown'],
  [
    'a claim that cannot grow',
    object(
      'v1',
      'PersistentVolumeClaim',
      {},
      { phase: 'Bound', allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' } },
    ),
    'degraded',
  ],
  ['a bound claim', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Bound' }), 'healthy'],
  ['a pending claim', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Pending' }), 'progressing'],
  ['a lost claim', object('v1', 'PersistentVolumeClaim', {}, { phase: 'Lost' }), 'degraded'],
  ['a failed volume', object('v1', 'PersistentVolume', {}, { phase: 'Failed' }), 'degraded'],
  ['a Service', object('v1', 'Service', {}, {}), 'healthy'],
  ['a load balancer without an address', object('v1', 'Service', { type: 'LoadBalancer' }, {}), 'progressing'],
  [
    'a load balancer with one',
    object('v1', 'Service', { type: 'LoadBalancer' }, { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } }),
    'healthy',
  ],
  ['a namespace', object('v1', 'Namespace', {}, { phase: 'Active' }), 'healthy'],
  [
    'an established definition',
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {},
      { conditions: [condition('Established', 'True')] },
    ),
    'healthy',
  ],
  ['a new definition', object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {}, undefined), 'progressing'],
  [
    'a definition whose names are taken',
    object(
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {},
      { conditions: [condition('NamesAccepted', 'False')] },
    ),
    'degraded',
  ],
  [
    'an API service that does not answer',
    object('apiregistration.k8s.io/v1', 'APIService', {}, { conditions: [condition('Available', 'False')] }),
    'progressing',
  ],
  ['a ConfigMap', object('v1', 'ConfigMap', undefined, undefined), 'healthy'],
  ['a custom resource without conditions', widget(), 'healthy'],
  ['a ready custom resource', widget(condition('Ready', 'True')), 'healthy'],
  ['a custom resource that is not ready', widget(condition('Ready', 'False')), 'progressing'],
  ['a stalled custom resource', widget(condition('Stalled', 'True'), condition('Ready', 'True')), 'degraded'],
  [
    'a reconciling custom resource',
    widget(condition('Reconciling', 'True'), condition('Ready', 'True')),
    'progressing',
  ],
  [
    'a custom resource whose controller calls it an error',
    widget(condition('Ready', 'False', { severity: 'Error' })),
    'degraded',
  ],
  ['a custom resource that has not succeeded', widget(condition('Succeeded', 'False')), 'degraded'],
  [
    'a custom resource that was ready in an older generation',
    object(
      'example.com/v1',
      'Widget',
      {},
      { conditions: [condition('Ready', 'True', { observedGeneration: 1 })] },
      { generation: 2 },
    ),
    'progressing',
  ],
  [
    'whatever is being deleted',
    object('v1', 'ConfigMap', {}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    'progressing',
  ],
];

describe('health', () => {
  it.each(cases)('[H1] of %s', (_, live, health) => {
    const report = healthOf(live, now);
    expect(report.health).toBe(health);
    expect(report.reason).not.toBe('');
  });

  it('[H2] names what holds up a deletion', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/backup'] };
    expect(healthOf(object('v1', 'ConfigMap', {}, {}, metadata), now).reason).toContain('example.com/backup');
  });

  it("[H1] follows the application's own expressions before the table, but not before what nobody has seen", () => {
    const rules = () => ({ health: 'suspended', reason: 'it rests' }) as const;
    expect(healthOf(deployment(rolled), now, rules)).toEqual(rules());
    expect(healthOf(deployment(rolled), now, () => null).health).toBe('healthy');
    const behind = deployment(rolled, {}, { generation: 2 });
    expect(healthOf(behind, now, rules).health).toBe('progressing');
  });

  it('[H1] says when time alone will make it worse', () => {
    const live = pod({
      phase: 'Pending',
      conditions: [condition('PodScheduled', 'False', { lastTransitionTime: '2026-01-01T11:59:55Z' })],
    });
    const { recheckAt } = healthOf(live, now);
    expect(healthOf(live, recheckAt ?? 0).health).toBe('degraded');
  });

  it('[H1] is never thrown off by what a server sends', () => {
    const kinds = cases.map(([, live]) => live);
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), fc.jsonValue(), (live, spec, status) => {
        expect(healths).toContain(healthOf({ ...live, spec, status }, now).health);
      }),
      { numRuns: 500 },
    );
  });

  it('[H2] of a whole is that of its worst part', () => {
    expect(worstOf([])).toBe('healthy');
    expect(worstOf(['healthy', 'suspended'])).toBe('suspended');
    expect(worstOf(['healthy', 'unknown', 'suspended'])).toBe('unknown');
    expect(worstOf(['progressing', 'unknown'])).toBe('progressing');
    expect(worstOf(['progressing', 'degraded'])).toBe('degraded');
  });
});
