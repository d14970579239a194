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
export function currentGeneration({ status, metadata }: LiveObject): HealthReport | null {
  const observed = status.observedGeneration;
  const { generation } = metadata;
  if (typeof observed !== 'number' || generation === undefined || observed >= generation) return null;
  return progressing(`its controller has seen generation ${observed}, not yet ${generation}`);
}

/** The conditions that say, across many kinds, that something is wrong for good, until somebody mends it. */
const wrong = ['Stalled', 'Failed', 'Degraded'];
/** Those that say how it is as a whole; the first that there is counts. */
const standing = ['Ready', 'Available', 'Healthy', 'Succeeded'];

/**
 * What the conditions that many kinds share say: `Stalled`, `Failed` and `Degraded` for the worse, `Reconciling` for
 * not yet, and `Ready`, `Available`, `Healthy` or `Succeeded` for how it is. Null where there is none of them.
 */
export function conditions(object: LiveObject): HealthReport | null {
  for (const type of wrong) {
    const condition = conditionOf(object, type);
    if (condition?.status === 'True') return degraded(`it is ${type.toLowerCase()}${explained(condition)}`);
  }
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(`it is reconciling${explained(reconciling)}`);
  const type = standing.find((name) => conditionOf(object, name) !== undefined);
  return type === undefined ? null : standingBy(object, type);
}

/**
 * How an object is by one condition that ought to be true: healthy where it is, degraded where it is false and the
 * controller itself calls that an error, else progressing: also where the condition is about an older generation.
 */
export function standingBy(object: LiveObject, type: string): HealthReport {
  const condition = conditionOf(object, type);
  const word = wordOf(type);
  if (condition === undefined) return progressing(`nothing says yet whether it is ${word}`);
  const { generation } = object.metadata;
  if (condition.generation !== null && generation !== undefined && condition.generation < generation)
    return progressing(`nothing says yet whether generation ${generation} is ${word}`);
  if (condition.status === 'True') return healthy(`it is ${word}`);
  const isFinal = condition.status === 'False' && (condition.severity === 'Error' || type === 'Succeeded');
  return isFinal
    ? degraded(`it is not ${word}${explained(condition)}`)
    : progressing(`it is not yet ${word}${explained(condition)}`);
}

/** `InfrastructureReady` → `infrastructure ready`. */
function wordOf(type: string): string {
  return type.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}
