import { conditionOf, count, degraded, explained, type HealthCheck, healthy } from './report.ts';

/** A PodDisruptionBudget: well whatever it allows just now; degraded where its controller cannot work it out. */
export const disruptionBudgetHealth: HealthCheck = (object) => {
  const allowed = conditionOf(object, 'DisruptionAllowed');
  if (allowed?.status === 'False' && allowed.reason === 'SyncFailed')
    return degraded(`its controller cannot count its pods${explained(allowed)}`);
  const pods = `${count(object.status, 'currentHealthy')} of ${count(object.status, 'expectedPods')} pods are healthy`;
  return healthy(`${pods}, ${count(object.status, 'disruptionsAllowed')} may be disrupted`);
};
