import { describe, expect, it } from 'vitest';
import type { Health } from '../link/status.ts';
import type { KubeObject } from '../objects/object.ts';
import { healthOf } from './health.ts';

const cluster = 'cluster.x-k8s.io';
const object = (apiVersion: string, kind: string, spec: unknown, status: unknown, metadata = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
  spec,
  status,
});
const condition = (type: string, status: string, more = {}) => ({ type, status, message: 'because', ...more });
const machine = (status: unknown, version = 'v1beta1') => object(`${cluster}/${version}`, 'Machine', {}, status);
const set = (kind: string, status: unknown, version = 'v1beta1') =>
  object(`${cluster}/${version}`, kind, { replicas: 3 }, status);
const old = { replicas: 3, updatedReplicas: 3, readyReplicas: 3 };
const modern = { replicas: 3, upToDateReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const whole = (status: unknown, version = 'v1beta1', spec = {}) =>
  object(`${cluster}/${version}`, 'Cluster', spec, status);
const plane = (status: unknown, version = 'v1beta1') =>
  object(`controlplane.${cluster}/${version}`, 'KubeadmControlPlane', { replicas: 3 }, status);
const check = (status: unknown, version = 'v1beta1') =>
  object(`${cluster}/${version}`, 'MachineHealthCheck', {}, status);
const openShift = (kind: string, spec: unknown, status: unknown) =>
  object('machine.openshift.io/v1beta1', kind, spec, status);

const cases: readonly (readonly [what: string, object: KubeObject, health: Health])[] = [
  ['a Machine that has not started', machine({}), 'progressing'],
  ['a Machine on its way', machine({ phase: 'Provisioning' }), 'progressing'],
  ['a running Machine', machine({ phase: 'Running' }), 'healthy'],
  [
    'a running Machine whose node is not ready',
    machine({ phase: 'Running', conditions: [condition('Ready', 'False', { severity: 'Warning' })] }),
    'progressing',
  ],
  [
    'a Machine with an error in a condition',
    machine({ phase: 'Provisioning', conditions: [condition('InfrastructureReady', 'False', { severity: 'Error' })] }),
    'degraded',
  ],
  ['a failed Machine', machine({ phase: 'Failed', failureMessage: 'no capacity' }), 'degraded'],
  [
    'an available Machine of v1beta2',
    machine({ phase: 'Running', conditions: [condition('Available', 'True'), condition('Ready', 'False')] }, 'v1beta2'),
    'healthy',
  ],
  [
    'an unavailable Machine of v1beta2',
    machine({ phase: 'Running', conditions: [condition('Available', 'False')] }, 'v1beta2'),
    'progressing',
  ],
  [
    'a Machine of v1beta2 that failed by the older contract',
    machine({ phase: 'Running', deprecated: { v1beta1: { failureMessage: 'no capacity' } } }, 'v1beta2'),
    'degraded',
  ],
  ['a paused Machine', object(`${cluster}/v1beta1`, 'Machine', {}, { phase: 'Running' }, paused()), 'suspended'],
  ['a MachineDeployment that stands', set('MachineDeployment', old), 'healthy'],
  ['a MachineDeployment in its update', set('MachineDeployment', { ...old, updatedReplicas: 1 }), 'progressing'],
  ['a MachineDeployment of v1beta2 that stands', set('MachineDeployment', modern, 'v1beta2'), 'healthy'],
  [
    'a MachineDeployment of v1beta2 in its update',
    set('MachineDeployment', { ...modern, upToDateReplicas: 2 }, 'v1beta2'),
    'progressing',
  ],
  ['a MachineSet that lacks one', set('MachineSet', { replicas: 3, readyReplicas: 2 }), 'progressing'],
  ['a MachineSet with one too many', set('MachineSet', { replicas: 4, readyReplicas: 4 }), 'progressing'],
  [
    'a MachineSet of v1beta2 that remedies machines',
    set('MachineSet', { ...modern, conditions: [condition('Remediating', 'True')] }, 'v1beta2'),
    'progressing',
  ],
  [
    'a MachineSet with the newer conditions beside the older',
    set('MachineSet', { ...old, v1beta2: { conditions: [condition('Remediating', 'True')] } }),
    'progressing',
  ],
  ['a failed MachinePool', set('MachinePool', { ...old, failureMessage: 'quota' }), 'degraded'],
  ['a MachinePool that stands', set('MachinePool', old), 'healthy'],
  ['a control plane before its start', plane({ ...old, initialized: false }), 'progressing'],
  ['a control plane that stands', plane({ ...old, initialized: true }), 'healthy'],
  [
    'a control plane of v1beta2 that stands',
    plane({ ...modern, initialization: { controlPlaneInitialized: true } }, 'v1beta2'),
    'healthy',
  ],
  [
    'a control plane of v1beta2 without its quorum',
    plane(
      {
        ...modern,
        initialization: { controlPlaneInitialized: true },
        conditions: [condition('Available', 'False')],
      },
      'v1beta2',
    ),
    'progressing',
  ],
  ['a Cluster that nobody has seen', whole({}), 'progressing'],
  ['a Cluster on its way', whole({ phase: 'Provisioning' }), 'progressing'],
  ['a provisioned Cluster', whole({ phase: 'Provisioned', conditions: [condition('Ready', 'True')] }), 'healthy'],
  [
    'a provisioned Cluster that is not ready',
    whole({ phase: 'Provisioned', conditions: [condition('Ready', 'False', { severity: 'Info' })] }),
    'progressing',
  ],
  [
    'an available Cluster of v1beta2',
    whole({ phase: 'Provisioned', conditions: [condition('Available', 'True')] }, 'v1beta2'),
    'healthy',
  ],
  ['a failed Cluster', whole({ phase: 'Failed' }), 'degraded'],
  ['a paused Cluster', whole({ phase: 'Provisioned' }, 'v1beta2', { paused: true }), 'suspended'],
  ['a MachineHealthCheck without ill machines', check({ expectedMachines: 3, currentHealthy: 3 }), 'healthy'],
  ['a MachineHealthCheck with one', check({ expectedMachines: 3, currentHealthy: 2 }), 'progressing'],
  [
    'a MachineHealthCheck with too many',
    check({ expectedMachines: 3, currentHealthy: 0, conditions: [condition('RemediationAllowed', 'False')] }),
    'degraded',
  ],
  [
    'a machine set of OpenShift',
    openShift('MachineSet', { replicas: 3 }, { replicas: 3, readyReplicas: 3 }),
    'healthy',
  ],
  [
    'a machine set of OpenShift that lacks one',
    openShift('MachineSet', { replicas: 3 }, { replicas: 3, readyReplicas: 2 }),
    'progressing',
  ],
  [
    'a failed machine of OpenShift',
    openShift('Machine', {}, { phase: 'Failed', errorMessage: 'no quota' }),
    'degraded',
  ],
  [
    'a degraded pool of machine configurations',
    object(
      'machineconfiguration.openshift.io/v1',
      'MachineConfigPool',
      {},
      { conditions: [condition('Degraded', 'True'), condition('Updated', 'True')] },
    ),
    'degraded',
  ],
  [
    'a pool of machine configurations in its update',
    object(
      'machineconfiguration.openshift.io/v1',
      'MachineConfigPool',
      {},
      { conditions: [condition('Updating', 'True'), condition('Updated', 'False')] },
    ),
    'progressing',
  ],
  [
    'an operator of OpenShift',
    object(
      'config.openshift.io/v1',
      'ClusterOperator',
      {},
      {
        conditions: [condition('Available', 'True'), condition('Progressing', 'False'), condition('Degraded', 'False')],
      },
    ),
    'healthy',
  ],
];

function paused() {
  return { annotations: { 'cluster.x-k8s.io/paused': 'true' } };
}

describe('health of machines', () => {
  it.each(cases)('[H1] [H2] of %s', (_, live, health) => {
    const report = healthOf(live, 0);
    expect(report.health).toBe(health);
    expect(report.reason).toMatch(/^\S.*\S$/);
  });

  it('[H2] repeats what the controller said', () => {
    expect(healthOf(machine({ phase: 'Failed', failureMessage: 'no capacity' }), 0).reason).toContain('no capacity');
  });
});
