import {
  type Condition,
  conditionOf,
  conditionsIn,
  count,
  degraded,
  explained,
  type HealthCheck,
  healthy,
  type LiveObject,
  progressing,
  suspended,
} from './report.ts';

/** How long, in milliseconds, metrics may be missing: those of new pods take a few minutes to come. */
const metricsGrace = 180_000;

/**
 * A HorizontalPodAutoscaler: degraded where it cannot scale what it names, or has had no metrics for minutes; one that
 * is switched off by zero replicas is suspended.
 */
export const autoscalerHealth: HealthCheck = (object, now) => {
  const conditions = conditionsOf(object);
  const able = conditionOf({ conditions }, 'AbleToScale');
  const active = conditionOf({ conditions }, 'ScalingActive');
  if (able === undefined) return progressing('its controller has not seen it');
  if (able.status === 'False') return degraded(`it cannot scale${explained(able)}`);
  if (active?.status === 'False') {
    if (active.reason === 'ScalingDisabled') return suspended(`it is switched off${explained(active)}`);
    const since = active.at ?? now;
    if (now - since >= metricsGrace) return degraded(`it does not scale${explained(active)}`);
    return { ...progressing(`it does not scale yet${explained(active)}`), recheckAt: since + metricsGrace };
  }
  const limited = conditionOf({ conditions }, 'ScalingLimited');
  const bound = limited?.status === 'True' ? explained(limited) : '';
  return healthy(`it scales, ${count(object.status, 'desiredReplicas')} replicas now${bound}`);
};

/** In `autoscaling/v1` the conditions stand in an annotation, as text. */
function conditionsOf({ conditions, metadata }: LiveObject): readonly Condition[] {
  const text = metadata.annotations?.['autoscaling.alpha.kubernetes.io/conditions'];
  if (conditions.length > 0 || typeof text !== 'string') return conditions;
  try {
    return conditionsIn(JSON.parse(text));
  } catch {
    return []; // Somebody wrote something else there.
  }
}
