import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf, mapsOf } from '../kinds/defaults/draft.ts';
import type { JsonMap } from '../schema/type.ts';
import { timestamp } from '../store/context.ts';
import { type Condition, conditionsOf } from './condition.ts';
import { fails } from './rollout.ts';
import type { Moment, Play, Played } from './workloads.ts';

/** Milliseconds since an object was created, and when `readyAfter` of them have passed. */
function ageOf(object: KubeObject, { now, readyAfter }: Moment): { readonly old: boolean; readonly at: number } {
  const at = Date.parse(object.metadata.creationTimestamp ?? '') + readyAfter;
  return { old: now >= at, at };
}

function settled(status: JsonMap): Played {
  return { status, progress: null, again: null };
}

const untouched = (object: KubeObject): Played => settled(mapOf(object, 'status') ?? {});

/** A Job runs for its time, then all its completions are done; or, marked to fail, it has failed. */
export const playJob: Play = (object, moment) => {
  const spec = mapOf(object, 'spec') ?? {};
  const before = mapOf(object, 'status') ?? {};
  if (before.completionTime !== undefined || mapsOf(before, 'conditions').some(({ type }) => type === 'Failed')) {
    return untouched(object);
  }
  const time = timestamp(moment.now);
  const condition = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'True',
    reason,
    message,
  });
  if (spec.suspend === true) {
    return settled({
      conditions: conditionsOf(object, time, [condition('Suspended', 'JobSuspended', 'Job suspended')]),
    });
  }
  const startTime = before.startTime ?? time;
  const due = Date.parse(String(startTime)) + moment.readyAfter;
  if (moment.now < due) {
    return {
      status: { active: Number(spec.parallelism ?? 1), ready: Number(spec.parallelism ?? 1), startTime },
      progress: null,
      again: due,
    };
  }
  if (fails(object)) {
    const failed = condition('Failed', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    return settled({
      failed: Number(spec.backoffLimit ?? 6) + 1,
      startTime,
      conditions: conditionsOf(object, time, [failed]),
    });
  }
  const done = [
    condition('SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods'),
    condition('Complete', 'CompletionsReached', 'Reached expected number of succeeded pods'),
  ];
  const succeeded = Number(spec.completions ?? 1);
  return settled({ succeeded, startTime, completionTime: time, conditions: conditionsOf(object, time, done) });
};

/** A Pod of its own: it runs after its time, or, marked to fail, its containers crash again and again. */
export const playPod: Play = (object, moment) => {
  const { old, at } = ageOf(object, moment);
  const failing = fails(object);
  const time = timestamp(moment.now);
  const ready = old && !failing;
  const containers = mapsOf(mapOf(object, 'spec'), 'containers');
  const condition = (type: string, good: boolean): Condition => ({
    type,
    status: good ? 'True' : 'False',
    reason: good ? '' : 'ContainersNotReady',
    message: good ? '' : `containers with unready status: [${containers.map(({ name }) => String(name)).join(' ')}]`,
  });
  const waiting = {
    waiting:
      failing && old
        ? { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' }
        : { reason: 'ContainerCreating' },
  };
  const started = mapOf(object, 'status')?.startTime ?? time;
  const status = {
    phase: old ? 'Running' : 'Pending',
    qosClass: 'BestEffort',
    startTime: started,
    conditions: conditionsOf(object, time, [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ]),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready,
      restartCount: failing && old ? 1 : 0,
      started: ready,
      state: ready ? { running: { startedAt: started } } : waiting,
    })),
  };
  return { status, progress: null, again: old ? null : at };
};

/** A claim is bound at once, to a volume that nobody sees. */
export const playClaim: Play = (object) => {
  const spec = mapOf(object, 'spec');
  const storage = mapOf(mapOf(spec, 'resources'), 'requests')?.storage;
  return settled({ phase: fails(object) ? 'Pending' : 'Bound', accessModes: spec?.accessModes, capacity: { storage } });
};

export const playVolume: Play = (object) =>
  settled({ phase: mapOf(object, 'spec')?.claimRef === undefined ? 'Available' : 'Bound' });

/** A load balancer gets its address after its time. */
export const playService: Play = (object, moment) => {
  if (mapOf(object, 'spec')?.type !== 'LoadBalancer') return untouched(object);
  return addressed(object, moment);
};

export const playIngress: Play = (object, moment) => addressed(object, moment);

function addressed(object: KubeObject, moment: Moment): Played {
  const { old, at } = ageOf(object, moment);
  if (!old || fails(object)) return { status: { loadBalancer: {} }, progress: null, again: old ? null : at };
  return settled({ loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } });
}

/** A Machine of Cluster API is provisioned, then it runs. */
export const playMachine: Play = (object, moment) => {
  const { old, at } = ageOf(object, moment);
  const failing = fails(object);
  const ready: Condition = {
    type: 'Ready',
    status: old && !failing ? 'True' : 'False',
    reason: old ? 'Provisioned' : 'Provisioning',
    message: '',
  };
  const phase = failing && old ? 'Failed' : old ? 'Running' : 'Provisioning';
  const failure =
    failing && old ? { failureReason: 'CreateError', failureMessage: 'the machine was marked to fail' } : {};
  const status = {
    phase,
    ...failure,
    bootstrapReady: true,
    infrastructureReady: old && !failing,
    observedGeneration: object.metadata.generation,
    conditions: conditionsOf(object, timestamp(moment.now), [ready]),
  };
  return { status, progress: null, again: old ? null : at };
};

/** A Cluster of Cluster API. */
export const playCluster: Play = (object, moment) => {
  const { old, at } = ageOf(object, moment);
  const good = old && !fails(object);
  const ready: Condition = {
    type: 'Ready',
    status: good ? 'True' : 'False',
    reason: good ? 'Provisioned' : 'Provisioning',
    message: '',
  };
  const status = {
    phase: good ? 'Provisioned' : 'Provisioning',
    infrastructureReady: good,
    controlPlaneReady: good,
    observedGeneration: object.metadata.generation,
    conditions: conditionsOf(object, timestamp(moment.now), [ready]),
  };
  return { status, progress: null, again: old ? null : at };
};

export const playBudget: Play = (object) =>
  settled({
    observedGeneration: object.metadata.generation,
    currentHealthy: 0,
    desiredHealthy: 0,
    disruptionsAllowed: 0,
    expectedPods: 0,
  });
