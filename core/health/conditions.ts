import {
  conditionOf,
  degraded,
  explained,
  type HealthReport,
  healthy,
  type LiveObject,
  progressing,
} from './report.ts';

/** Progressing while the controller has not yet seen the latest generation; else null. */
export function currentGeneration(object: LiveObject): HealthReport | null {
  const observed = object.status.observedGeneration;
  const { generation } = object.metadata;
  if (typeof observed !== 'number' || generation === undefined || observed >= generation) return null;
  return progressing(`its controller has seen generation ${observed}, not yet ${generation}`);
}

/**
 * What the conditions that many kinds share say: `Stalled` and `Failed` for the worse, `Reconciling` for not yet, and
 * `Ready`, `Available` or `Healthy` for how it is. Null where there is none of them.
 */
export function conditions(object: LiveObject): HealthReport | null {
  for (const type of ['Stalled', 'Failed', 'Degraded']) {
    const condition = conditionOf(object, type);
    if (condition?.status === 'True') return degraded(`it is ${type.toLowerCase()}${explained(condition)}`);
  }
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(`it is reconciling${explained(reconciling)}`);
  for (const type of ['Ready', 'Available', 'Healthy']) {
    const condition = conditionOf(object, type);
    if (condition === undefined) continue;
    if (condition.status === 'True') return healthy(`it is ${type.toLowerCase()}`);
    return progressing(`it is not yet ${type.toLowerCase()}${explained(condition)}`);
  }
  return null;
}
