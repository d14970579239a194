import { conditions, standingBy } from './conditions.ts';
import {
  conditionOf,
  conditionsIn,
  count,
  degraded,
  explained,
  type Fields,
  fields,
  type HealthCheck,
  type HealthReport,
  healthy,
  type LiveObject,
  progressing,
  suspended,
  text,
} from './report.ts';

/**
 * Machines and their sets, of Cluster API (`v1beta1` and `v1beta2`) and of OpenShift. The newer contract of Cluster
 * API has positive conditions and counts of its own; on the way to it they stand below `status.v1beta2`, and what it
 * left behind below `status.deprecated.v1beta1`.
 */

/** A check of Cluster API's: nothing reconciles what is paused. */
function unlessPaused(check: HealthCheck): HealthCheck {
  return (object, now) => {
    const { annotations } = object.metadata;
    if (object.spec.paused === true || annotations?.['cluster.x-k8s.io/paused'] !== undefined)
      return suspended('it is paused');
    return check(object, now);
  };
}

/** A Machine, by its phase, and once it runs by its conditions. */
export const machineHealth = unlessPaused((object) => {
  const failure = failureOf(object);
  if (failure !== null) return failure;
  const phase = text(object.status, 'phase');
  switch (phase) {
    case 'Running': {
      const modern = modernConditions(object);
      if (conditionOf(modern, 'Available') !== undefined) return standingBy(modern, 'Available');
      return conditions(object) ?? healthy('it runs');
    }
    case 'Failed':
      return degraded('it has failed: no reason is given');
    default:
      return progressing(phase === '' ? 'it has not started' : `it is in phase ${phase}`);
  }
});

/** A set of machines (MachineSet, MachineDeployment, MachinePool): healthy once all are there, up to date and ready. */
export const machineSetHealth = unlessPaused((object) => failureOf(object) ?? countedMachines(object));

/** A control plane of Cluster API: a set of machines that must also be initialised. */
export const controlPlaneHealth = unlessPaused((object) => {
  const failure = failureOf(object);
  if (failure !== null) return failure;
  const initialised = fields(object.status.initialization).controlPlaneInitialized ?? object.status.initialized;
  if (initialised !== true) return progressing('it is not initialised yet');
  const counted = countedMachines(object);
  const modern = modernConditions(object);
  if (counted.health !== 'healthy' || conditionOf(modern, 'Available') === undefined) return counted;
  const available = standingBy(modern, 'Available');
  return available.health === 'healthy' ? counted : available;
});

/** A Cluster of Cluster API: provisioned, then as available or ready as its conditions say. */
export const clusterHealth = unlessPaused((object) => {
  const failure = failureOf(object);
  if (failure !== null) return failure;
  const phase = text(object.status, 'phase');
  if (phase === 'Failed') return degraded('its provisioning has failed: no reason is given');
  if (phase !== 'Provisioned')
    return progressing(phase === '' ? 'it is not provisioned yet' : `it is in phase ${phase}`);
  const modern = modernConditions(object);
  if (conditionOf(modern, 'Available') !== undefined) return standingBy(modern, 'Available');
  return conditions(object) ?? healthy('it is provisioned');
});

/** A MachineHealthCheck: degraded where so many machines are ill that it remedies none of them. */
export const machineHealthCheckHealth = unlessPaused((object) => {
  const allowed =
    conditionOf(modernConditions(object), 'RemediationAllowed') ?? conditionOf(object, 'RemediationAllowed');
  if (allowed?.status === 'False') return degraded(`it remedies no machine${explained(allowed)}`);
  const expected = count(object.status, 'expectedMachines');
  const well = count(object.status, 'currentHealthy');
  if (well < expected) return progressing(`${well} of ${expected} machines are healthy`);
  return healthy(`${well} of ${expected} machines are healthy`);
});

/** What a controller has written down as an error that no retry will mend. */
function failureOf({ status, conditions }: LiveObject): HealthReport | null {
  const legacy = fields(fields(status.deprecated).v1beta1);
  const message = [status, legacy]
    .flatMap((part: Fields) => [text(part, 'failureMessage'), text(part, 'errorMessage')])
    .find((said) => said !== '');
  if (message !== undefined) return degraded(`it has failed: ${message}`);
  const failed = conditions.find(({ status: is, severity }) => is === 'False' && severity === 'Error');
  return failed === undefined ? null : degraded(`${failed.type} is false${explained(failed)}`);
}

function countedMachines(object: LiveObject): HealthReport {
  const { spec, status } = object;
  const wanted = count(spec, 'replicas', 1);
  const total = count(status, 'replicas');
  const upToDate = count(status, 'upToDateReplicas', count(status, 'updatedReplicas', total));
  const ready = count(status, 'readyReplicas');
  const remediating = conditionOf(modernConditions(object), 'Remediating');
  if (remediating?.status === 'True') return progressing(`machines are being remedied${explained(remediating)}`);
  if (upToDate < wanted) return progressing(`${upToDate} of ${wanted} machines are up to date`);
  if (ready < wanted) return progressing(`${ready} of ${wanted} machines are ready`);
  if (total > wanted) return progressing(`${total - wanted} machines are still to go`);
  return healthy(`${wanted} of ${wanted} machines are ready`);
}

/** The object with the conditions of the newer contract, wherever this version keeps them. */
function modernConditions(object: LiveObject): LiveObject {
  if (object.apiVersion.endsWith('/v1beta2')) return object;
  const { conditions: modern } = fields(object.status.v1beta2);
  return { ...object, conditions: conditionsIn(modern) };
}
