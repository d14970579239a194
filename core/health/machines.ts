import { conditions } from './conditions.ts';
import { count, degraded, type HealthCheck, healthy, progressing, text } from './report.ts';

/** A Machine of Cluster API or OpenShift, by its phase. */
export const machineHealth: HealthCheck = (object) => {
  const phase = text(object.status, 'phase');
  switch (phase) {
    case 'Running':
      return conditions(object) ?? healthy('it runs');
    case 'Failed':
      return degraded(
        `it has failed: ${text(object.status, 'failureMessage') || text(object.status, 'errorMessage') || 'no reason given'}`,
      );
    default:
      return progressing(phase === '' ? 'it has not started' : `it is in phase ${phase}`);
  }
};

/** A set of machines: healthy once all that are wanted are there and ready. */
export const machineSetHealth: HealthCheck = (object) => {
  const failure = text(object.status, 'failureMessage') || text(object.status, 'errorMessage');
  if (failure !== '') return degraded(`it has failed: ${failure}`);
  const wanted = count(object.spec, 'replicas', 1);
  const total = count(object.status, 'replicas');
  const updated = count(object.status, 'updatedReplicas', total);
  const ready = count(object.status, 'readyReplicas');
  if (updated < wanted) return progressing(`${updated} of ${wanted} machines are up to date`);
  if (ready < wanted) return progressing(`${ready} of ${wanted} machines are ready`);
  if (total > wanted) return progressing(`${total - wanted} machines are still to go`);
  return healthy(`${wanted} of ${wanted} machines are ready`);
};

/** A control plane of Cluster API: a set of machines that must also be initialised. */
export const controlPlaneHealth: HealthCheck = (object, now) => {
  if (object.status.initialized === false) return progressing('it is not initialised yet');
  return machineSetHealth(object, now);
};
