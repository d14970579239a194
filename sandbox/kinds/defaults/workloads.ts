import type { JsonMap } from '../../schema/type.ts';
import { fill, madeMap, mapOf, mapsOf } from './draft.ts';
import { fillPod } from './pod.ts';
import { fillClaim } from './storage.ts';

export function fillDeployment(spec: JsonMap): void {
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  const strategy = fill(madeMap(spec, 'strategy'), { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') {
    fill(madeMap(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' });
  }
  fillTemplate(spec);
}

export function fillStatefulSet(spec: JsonMap): void {
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady' });
  fill(madeMap(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' });
  const strategy = fill(madeMap(spec, 'updateStrategy'), { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') fill(madeMap(strategy, 'rollingUpdate'), { partition: 0 });
  for (const claim of mapsOf(spec, 'volumeClaimTemplates')) {
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } });
    fillClaim(madeMap(claim, 'spec'));
  }
  fillTemplate(spec);
}

export function fillDaemonSet(spec: JsonMap): void {
  fill(spec, { revisionHistoryLimit: 10 });
  const strategy = fill(madeMap(spec, 'updateStrategy'), { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') fill(madeMap(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 });
  fillTemplate(spec);
}

export function fillReplicaSet(spec: JsonMap): void {
  fill(spec, { replicas: 1 });
  fillTemplate(spec);
}

export function fillJob(spec: JsonMap): void {
  if (spec.completions === undefined && spec.parallelism === undefined) fill(spec, { completions: 1, parallelism: 1 });
  fill(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  fillTemplate(spec);
}

export function fillCronJob(spec: JsonMap): void {
  fill(spec, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  fillTemplate(mapOf(mapOf(spec, 'jobTemplate'), 'spec'));
}

function fillTemplate(spec: JsonMap | undefined): void {
  const pod = mapOf(mapOf(spec, 'template'), 'spec');
  if (pod !== undefined) fillPod(pod);
}
