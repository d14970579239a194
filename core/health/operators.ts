import { conditions, standingBy } from './conditions.ts';
import { conditionOf, degraded, explained, type HealthCheck, healthy, progressing, suspended, text } from './report.ts';

/** Kinds of widely used operators whose words for how they are differ from everybody else's. */

/** A ClusterOperator or a MachineConfigPool of OpenShift: `Degraded` and `Progressing` (or `Updating`) beside `Available`. */
export const openShiftHealth: HealthCheck = (object) => {
  const bad = conditionOf(object, 'Degraded');
  if (bad?.status === 'True') return degraded(`it is degraded${explained(bad)}`);
  const moving = conditionOf(object, 'Progressing') ?? conditionOf(object, 'Updating');
  if (moving?.status === 'True') return progressing(`it is being updated${explained(moving)}`);
  return conditionOf(object, 'Updated') === undefined ? standingBy(object, 'Available') : standingBy(object, 'Updated');
};

/** A Rollout of Argo Rollouts, by its phase. */
export const argoRolloutHealth: HealthCheck = (object) => {
  const phase = text(object.status, 'phase');
  const message = text(object.status, 'message');
  const more = message === '' ? '' : `: ${message}`;
  switch (phase) {
    case 'Healthy':
      return healthy('its rollout is complete');
    case 'Degraded':
      return degraded(`its rollout has failed${more}`);
    case 'Paused':
      return suspended(`its rollout is paused${more}`);
    case 'Progressing':
      return progressing(`its rollout goes on${more}`);
    default:
      return conditions(object);
  }
};
