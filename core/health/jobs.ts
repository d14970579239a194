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

/** A Job: in progress while it runs, healthy only when it has completed (H1). */
export const jobHealth: HealthCheck = (object) => {
  for (const [type, what] of [
    ['Failed', 'it has failed'],
    ['FailureTarget', 'it is failing'],
  ] as const) {
    const failed = conditionOf(object, type);
    if (failed?.status === 'True') return degraded(`${what}${explained(failed)}`);
  }
  const complete = conditionOf(object, 'Complete');
  if (complete?.status === 'True') return healthy('it has completed');
  if (object.spec.suspend === true) return suspended('it is suspended');
  const active = count(object.status, 'active');
  const succeeded = count(object.status, 'succeeded');
  const failed = count(object.status, 'failed');
  const wanted = count(object.spec, 'completions', 1);
  if (active + succeeded + failed === 0) return progressing('it has not started');
  const failures = failed === 0 ? '' : `, ${failed} pods have failed`;
  return progressing(`${succeeded} of ${wanted} completions are done, ${active} pods run${failures}`);
};

/**
 * A CronJob: suspended, or as its last run was. Whether a run succeeded is known by the times that the controller
 * writes together: when it last began one, and when one last succeeded. The API of 1.20 and before lacks the second.
 */
export const cronJobHealth: HealthCheck = (object) => {
  if (object.spec.suspend === true) return suspended('it is suspended');
  const begun = text(object.status, 'lastScheduleTime');
  if (begun === '') return healthy('it runs by its schedule, and has not run yet');
  const { active } = object.status;
  if (Array.isArray(active) && active.length > 0) return healthy(`its run of ${begun} is under way`);
  if (!object.apiVersion.endsWith('/v1')) return healthy(`it runs by its schedule, last at ${begun}`);
  const succeeded = Date.parse(text(object.status, 'lastSuccessfulTime'));
  if (Number.isNaN(succeeded) || succeeded < Date.parse(begun)) return degraded(`its run of ${begun} did not succeed`);
  return healthy(`its run of ${begun} succeeded`);
};
