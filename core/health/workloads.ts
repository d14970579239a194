import {
  conditionOf,
  count,
  degraded,
  explained,
  type HealthCheck,
  healthy,
  progressing,
  suspended,
  text,
} from './report.ts';

/** A Deployment: as `kubectl rollout status` tells it, and failed where its progress deadline has passed. */
export const deploymentHealth: HealthCheck = (object) => {
  const wanted = count(object.spec, 'replicas', 1);
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return degraded(`it made no progress${explained(progress)}`);
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(`it cannot create pods${explained(failure)}`);
  if (object.spec.paused === true && count(object.status, 'updatedReplicas') < wanted)
    return suspended('its rollout is paused');
  if (object.status.observedGeneration === undefined && wanted > 0)
    return progressing('its controller has not seen it');
  const updated = count(object.status, 'updatedReplicas');
  const total = count(object.status, 'replicas');
  const available = count(object.status, 'availableReplicas');
  if (updated < wanted) return progressing(`${updated} of ${wanted} replicas are updated`);
  if (total > updated) return progressing(`${total - updated} old replicas are still there`);
  if (available < wanted) return progressing(`${available} of ${wanted} replicas are available`);
  return healthy(`${wanted} of ${wanted} replicas are available`);
};

/** A StatefulSet, with partitions and the update strategy `OnDelete`. */
export const statefulSetHealth: HealthCheck = (object) => {
  const wanted = count(object.spec, 'replicas', 1);
  if (object.status.observedGeneration === undefined && wanted > 0)
    return progressing('its controller has not seen it');
  const ready = count(object.status, 'readyReplicas');
  if (ready < wanted) return progressing(`${ready} of ${wanted} replicas are ready`);
  const total = count(object.status, 'replicas');
  if (total > wanted) return progressing(`${total - wanted} replicas are still to go`);
  const strategy = object.spec.updateStrategy as { type?: string; rollingUpdate?: { partition?: number } } | undefined;
  if (strategy?.type === 'OnDelete') return healthy(`${wanted} of ${wanted} replicas are ready`);
  const updated = count(object.status, 'updatedReplicas');
  const due = Math.max(wanted - (strategy?.rollingUpdate?.partition ?? 0), 0);
  if (updated < due) return progressing(`${updated} of ${due} replicas are updated`);
  const [current, next] = [text(object.status, 'currentRevision'), text(object.status, 'updateRevision')];
  if (due === wanted && current !== next) return progressing('its update is not finished');
  return healthy(`${wanted} of ${wanted} replicas are ready`);
};

/** A DaemonSet. */
export const daemonSetHealth: HealthCheck = (object) => {
  if (object.status.observedGeneration === undefined) return progressing('its controller has not seen it');
  const wanted = count(object.status, 'desiredNumberScheduled');
  const strategy = object.spec.updateStrategy as { type?: string } | undefined;
  const updated = count(object.status, 'updatedNumberScheduled');
  if (strategy?.type !== 'OnDelete' && updated < wanted) return progressing(`${updated} of ${wanted} pods are updated`);
  const available = count(object.status, 'numberAvailable');
  if (available < wanted) return progressing(`${available} of ${wanted} pods are available`);
  return healthy(`${wanted} of ${wanted} pods are available`);
};

/** A ReplicaSet or a ReplicationController. */
export const replicaSetHealth: HealthCheck = (object) => {
  const wanted = count(object.spec, 'replicas', 1);
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(`it cannot create pods${explained(failure)}`);
  if (object.status.observedGeneration === undefined && wanted > 0)
    return progressing('its controller has not seen it');
  const available = count(object.status, 'availableReplicas');
  if (available < wanted) return progressing(`${available} of ${wanted} replicas are available`);
  const total = count(object.status, 'replicas');
  if (total > wanted) return progressing(`${total - wanted} replicas are still to go`);
  return healthy(`${wanted} of ${wanted} replicas are available`);
};
