import {
  conditionOf,
  degraded,
  explained,
  fields,
  type HealthCheck,
  healthy,
  isCondition,
  progressing,
  text,
} from './report.ts';

/** A PersistentVolumeClaim: a lost one has failed, and so has one that cannot be resized (H1). */
export const volumeClaimHealth: HealthCheck = (object) => {
  switch (text(object.status, 'phase')) {
    case 'Bound': {
      const resize = text(fields(object.status.allocatedResourceStatuses), 'storage');
      if (/(Failed|Infeasible)$/.test(resize))
        return degraded(`it cannot be resized${explained(conditionOf(object, 'ControllerResizeError'))}`);
      return healthy(isCondition(object, 'Resizing') ? 'it is bound, and being resized' : 'it is bound');
    }
    case 'Lost':
      return degraded('its volume is lost');
    default:
      return progressing('it is not bound yet');
  }
};

/** A PersistentVolume. */
export const volumeHealth: HealthCheck = (object) => {
  switch (text(object.status, 'phase')) {
    case 'Available':
      return healthy('it is available');
    case 'Bound':
      return healthy('it is bound');
    case 'Released':
      return healthy('it was released by its claim');
    case 'Failed':
      return degraded(`its reclamation has failed: ${text(object.status, 'message') || 'no reason given'}`);
    default:
      return progressing('it is not available yet');
  }
};

/** A Namespace. */
export const namespaceHealth: HealthCheck = (object) =>
  text(object.status, 'phase') === 'Terminating' ? progressing('it is being deleted') : healthy('it exists');
