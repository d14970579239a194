import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf } from '../kinds/defaults/draft.ts';
import type { JsonMap } from '../schema/type.ts';
import { timestamp } from '../store/context.ts';
import { type Condition, conditionsOf } from './condition.ts';
import { advance, type Progress } from './rollout.ts';

/** What a controller makes of an object: its status, what to remember of it, and when to look again (null: when it changes). */
export interface Played {
  readonly status: JsonMap;
  readonly progress: Progress | null;
  readonly again: number | null;
}

export interface Moment {
  readonly now: number;
  readonly readyAfter: number;
  readonly progress: Progress | undefined;
}

export type Play = (object: KubeObject, moment: Moment) => Played;

function wantedOf(object: KubeObject): number {
  return Number(mapOf(object, 'spec')?.replicas ?? 1);
}

/** When to look again: replicas that are still to come are there after their time. */
function againAt({ since }: Progress, { now, readyAfter }: Moment): number | null {
  return since === null || now >= since + readyAfter ? null : since + readyAfter;
}

export const playDeployment: Play = (object, moment) => {
  const wanted = wantedOf(object);
  const progress = advance(object, moment.progress, { ...moment, wanted });
  const { ready, old, since, revision } = progress;
  const available = ready + old;
  const deadline = Number(mapOf(object, 'spec')?.progressDeadlineSeconds ?? 600) * 1000;
  const late = since !== null && moment.now >= since + deadline;
  const conditions = [
    availability(available, wanted),
    progressing(`${object.metadata.name}-${revision}`, since !== null, late),
  ];
  const status = {
    observedGeneration: object.metadata.generation,
    // While older replicas are left, one of the new ones stands beside them.
    ...counted({
      replicas: old > 0 ? old + 1 : wanted,
      updatedReplicas: old > 0 ? 1 : wanted,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: Math.max(wanted - available, 0),
    }),
    conditions: conditionsOf(object, timestamp(moment.now), conditions, true),
  };
  const atDeadline = since !== null && !late ? since + deadline : null;
  return { status, progress, again: againAt(progress, moment) ?? atDeadline };
};

function availability(available: number, wanted: number): Condition {
  const enough = available >= wanted - Math.floor(wanted / 4);
  return enough
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progressing(name: string, waiting: boolean, late: boolean): Condition {
  const set = `ReplicaSet "${name}"`;
  if (late)
    return {
      type: 'Progressing',
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `${set} has timed out progressing.`,
    };
  return waiting
    ? { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${set} is progressing.` }
    : {
        type: 'Progressing',
        status: 'True',
        reason: 'NewReplicaSetAvailable',
        message: `${set} has successfully progressed.`,
      };
}

export const playStatefulSet: Play = (object, moment) => {
  const wanted = wantedOf(object);
  const progress = advance(object, moment.progress, { ...moment, wanted });
  const { ready, old, revision, previous } = progress;
  const done = revision === previous;
  const status = {
    observedGeneration: object.metadata.generation,
    replicas: wanted,
    ...counted({
      readyReplicas: ready + old,
      currentReplicas: done ? wanted : old,
      updatedReplicas: done ? wanted : ready,
    }),
    availableReplicas: ready + old,
    currentRevision: `${object.metadata.name}-${previous}`,
    updateRevision: `${object.metadata.name}-${revision}`,
    collisionCount: 0,
  };
  return { status, progress, again: againAt(progress, moment) };
};

/** There is one node for DaemonSets to run on. */
export const playDaemonSet: Play = (object, moment) => {
  const wanted = 1;
  const progress = advance(object, moment.progress, { ...moment, wanted });
  const available = Math.min(progress.ready + progress.old, wanted);
  const status = {
    observedGeneration: object.metadata.generation,
    currentNumberScheduled: wanted,
    desiredNumberScheduled: wanted,
    numberMisscheduled: 0,
    numberReady: available,
    ...counted({
      numberAvailable: available,
      numberUnavailable: wanted - available,
      updatedNumberScheduled: progress.old > 0 ? 0 : wanted,
    }),
  };
  return { status, progress, again: againAt(progress, moment) };
};

export const playReplicaSet: Play = (object, moment) => {
  const wanted = wantedOf(object);
  const progress = advance(object, moment.progress, { ...moment, wanted });
  const ready = Math.min(progress.ready + progress.old, wanted);
  const status = {
    observedGeneration: object.metadata.generation,
    replicas: wanted,
    ...counted({ fullyLabeledReplicas: wanted, readyReplicas: ready, availableReplicas: ready }),
  };
  return { status, progress, again: againAt(progress, moment) };
};

/** MachineSets and MachineDeployments of Cluster API. */
export const playMachines: Play = (object, moment) => {
  const wanted = wantedOf(object);
  const progress = advance(object, moment.progress, { ...moment, wanted });
  const ready = Math.min(progress.ready + progress.old, wanted);
  const isSet = object.kind === 'MachineSet';
  const condition: Condition =
    ready >= wanted
      ? { type: 'Ready', status: 'True', reason: 'AllReady', message: '' }
      : {
          type: 'Ready',
          status: 'False',
          reason: 'WaitingForMachines',
          message: `${ready} of ${wanted} machines are ready`,
        };
  const status = {
    observedGeneration: object.metadata.generation,
    replicas: wanted,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(isSet
      ? { fullyLabeledReplicas: wanted }
      : {
          updatedReplicas: progress.old > 0 ? progress.ready : wanted,
          unavailableReplicas: wanted - ready,
          phase: ready >= wanted ? 'Running' : 'ScalingUp',
        }),
    conditions: conditionsOf(object, timestamp(moment.now), [condition]),
  };
  return { status, progress, again: againAt(progress, moment) };
};

/** Counts as Go writes them: nothing for zero. */
function counted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value > 0));
}
