import {
  conditionOf,
  count,
  degraded,
  explained,
  type HealthCheck,
  healthy,
  progressing,
  suspended,
} from './report.ts';

/** A Job: in progress while it runs, healthy only when it has completed (H1). */
export const jobHealth: HealthCheck = (object) => {
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(`it has failed${explained(failed)}`);
  const complete = conditionOf(object, 'Complete');
  if (complete?.status === 'True') return healthy('it has completed');
  if (object.spec.suspend === true) return suspended('it is suspended');
  const active = count(object.status, 'active');
  const succeeded = count(object.status, 'succeeded');
  const wanted = count(object.spec, 'completions', 1);
  if (active === 0 && succeeded === 0) return progressing('it has not started');
  return progressing(`${succeeded} of ${wanted} completions are done, ${active} pods run`);
};

/** A CronJob: well as long as it is not suspended; its Jobs are none of the application's objects. */
export const cronJobHealth: HealthCheck = (object) =>
  object.spec.suspend === true ? suspended('it is suspended') : healthy('it runs by its schedule');
