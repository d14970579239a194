import {
  conditionOf,
  degraded,
  explained,
  type Fields,
  fields,
  type HealthCheck,
  healthy,
  list,
  progressing,
  text,
  unknown,
} from './report.ts';

/** How long, in milliseconds, a pod may find no node before that counts as a failure. */
const schedulingGrace = 15_000;

/** Reasons for which a container waits that do not go away by waiting. */
const fatalWaits =
  /^(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError)$/;

/** A Pod: a failed one has failed, and so has one that finds no node or whose containers cannot start (H1). */
export const podHealth: HealthCheck = (object, now) => {
  switch (text(object.status, 'phase')) {
    case 'Succeeded':
      return healthy('it has completed');
    case 'Failed':
      return degraded(
        `it has failed: ${text(object.status, 'message') || text(object.status, 'reason') || 'see its containers'}`,
      );
    case 'Running': {
      const ready = conditionOf(object, 'Ready');
      if (ready?.status === 'True') return healthy('it is ready');
      return stuck(object.status) ?? progressing(`it is not ready${explained(ready)}`);
    }
    case 'Unknown':
      return unknown(`its node does not answer${explained(conditionOf(object, 'Ready'))}`);
    default: {
      const scheduled = conditionOf(object, 'PodScheduled');
      if (scheduled?.reason === 'SchedulingGated')
        return progressing(`it waits for what gates its scheduling${explained(scheduled)}`);
      if (scheduled?.status !== 'False') return stuck(object.status) ?? progressing('it is pending');
      const since = scheduled.at ?? now;
      if (now - since >= schedulingGrace) return degraded(`it finds no node${explained(scheduled)}`);
      return { ...progressing(`it finds no node yet${explained(scheduled)}`), recheckAt: since + schedulingGrace };
    }
  }
};

function stuck(status: Fields) {
  for (const container of [...list(status.initContainerStatuses), ...list(status.containerStatuses)]) {
    const waiting = fields(fields(container.state).waiting);
    const reason = text(waiting, 'reason');
    if (!fatalWaits.test(reason)) continue;
    const message = text(waiting, 'message');
    return degraded(`container ${text(container, 'name')} waits: ${reason}${message === '' ? '' : `, ${message}`}`);
  }
  return null;
}
