import { groupOf, type KubeObject } from '../object.ts';
import type { Health } from '../status.ts';
import { conditions, currentGeneration } from './conditions.ts';
import { definitionHealth, serviceApiHealth } from './definitions.ts';
import { cronJobHealth, jobHealth } from './jobs.ts';
import { controlPlaneHealth, machineHealth, machineSetHealth } from './machines.ts';
import { ingressHealth, serviceHealth } from './network.ts';
import { podHealth } from './pods.ts';
import {
  type Condition,
  degraded,
  type Fields,
  fields,
  type HealthCheck,
  type HealthReport,
  healthy,
  type LiveObject,
  progressing,
  text,
} from './report.ts';
import { namespaceHealth, volumeClaimHealth, volumeHealth } from './storage.ts';
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workloads.ts';

const checks: Readonly<Record<string, HealthCheck>> = {
  'apps/Deployment': deploymentHealth,
  'apps/StatefulSet': statefulSetHealth,
  'apps/DaemonSet': daemonSetHealth,
  'apps/ReplicaSet': replicaSetHealth,
  '/ReplicationController': replicaSetHealth,
  'batch/Job': jobHealth,
  'batch/CronJob': cronJobHealth,
  '/Pod': podHealth,
  '/PersistentVolumeClaim': volumeClaimHealth,
  '/PersistentVolume': volumeHealth,
  '/Namespace': namespaceHealth,
  '/Service': serviceHealth,
  'networking.k8s.io/Ingress': ingressHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionHealth,
  'apiregistration.k8s.io/APIService': serviceApiHealth,
  'cluster.x-k8s.io/Machine': machineHealth,
  'cluster.x-k8s.io/MachineSet': machineSetHealth,
  'cluster.x-k8s.io/MachineDeployment': machineSetHealth,
  'cluster.x-k8s.io/MachinePool': machineSetHealth,
  'controlplane.cluster.x-k8s.io/KubeadmControlPlane': controlPlaneHealth,
  'machine.openshift.io/Machine': machineHealth,
  'machine.openshift.io/MachineSet': machineSetHealth,
};

/**
 * The health of a live object at a time (H1): by its kind where Fairway knows it, else by its conditions.
 * @param now milliseconds since the epoch
 */
export function healthOf(object: KubeObject, now: number): HealthReport {
  if (object.metadata.deletionTimestamp !== undefined) return progressing('it is being deleted');
  const live = liveObject(object);
  const behind = currentGeneration(live);
  if (behind !== null) return behind;
  const check = checks[`${groupOf(object.apiVersion)}/${object.kind}`];
  return check?.(live, now) ?? conditions(live) ?? healthy('it exists');
}

/** The health of an object that ought to stand and does not. */
export function missingHealth(applied: boolean): HealthReport {
  return applied ? degraded('it does not exist') : progressing('it is not created yet');
}

const worstFirst: readonly Health[] = ['degraded', 'progressing', 'unknown', 'suspended', 'healthy'];

/** The health of a whole from that of its parts: the worst of them; of nothing, healthy. */
export function worstOf(parts: Iterable<Health>): Health {
  const seen = new Set(parts);
  return worstFirst.find((health) => seen.has(health)) ?? 'healthy';
}

function liveObject(object: KubeObject): LiveObject {
  const status = fields(object.status);
  const list: readonly unknown[] = Array.isArray(status.conditions) ? status.conditions : [];
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: object.metadata,
    spec: fields(object.spec),
    status,
    conditions: list.map((item) => condition(fields(item))),
  };
}

function condition(item: Fields): Condition {
  const at = Date.parse(text(item, 'lastTransitionTime'));
  return {
    type: text(item, 'type'),
    status: text(item, 'status'),
    reason: text(item, 'reason'),
    message: text(item, 'message'),
    at: Number.isNaN(at) ? null : at,
  };
}
