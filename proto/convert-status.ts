import type {
  AgentEvent,
  ApplicationStatus,
  Counts,
  Drift,
  DriftOutcome,
  EventDetail,
  Health,
  ObjectProblem,
  Phase,
} from '../core/link/status.ts';
import type { ObjectRef } from '../core/objects/object.ts';
import { clean, orEmpty, orNull } from './convert-text.ts';
import * as wire from './gen/fairway/agent/v1/agent.ts';

const phaseToWire: Readonly<Record<Phase, wire.Phase>> = {
  pending: wire.Phase.PENDING,
  fetching: wire.Phase.FETCHING,
  applying: wire.Phase.APPLYING,
  applied: wire.Phase.APPLIED,
  failed: wire.Phase.FAILED,
};
const phaseFromWire = inverse(phaseToWire);

const healthToWire: Readonly<Record<Health, wire.Health>> = {
  healthy: wire.Health.HEALTHY,
  progressing: wire.Health.PROGRESSING,
  degraded: wire.Health.DEGRADED,
  suspended: wire.Health.SUSPENDED,
  unknown: wire.Health.UNKNOWN,
};
const healthFromWire = inverse(healthToWire);

const outcomeToWire: Readonly<Record<DriftOutcome, wire.DriftOutcome>> = {
  found: wire.DriftOutcome.FOUND,
  corrected: wire.DriftOutcome.CORRECTED,
  gone: wire.DriftOutcome.GONE,
  fought: wire.DriftOutcome.FOUGHT,
};
const outcomeFromWire = inverse(outcomeToWire);

/** The wire's form of a status. */
export function statusToWire(status: ApplicationStatus): wire.ApplicationStatus {
  const { application, release, bundle, generation, phase, health, message, counts, running, wait } = status;
  return {
    application,
    release,
    bundle,
    generation,
    phase: phaseToWire[phase],
    health: healthToWire[health],
    message,
    counts,
    problems: status.problems.map(problemToWire),
    drifts: status.drifts.map(driftToWire),
    runningRelease: running?.release ?? '',
    runningBundle: running?.bundle ?? '',
    appliedAt: status.appliedAt ?? 0,
    wait: wait === null ? undefined : { reason: wait.reason, since: wait.since, deadline: wait.deadline ?? 0 },
    traceparent: orEmpty(status.traceparent),
  };
}

/** A status in core's words. A phase or health that only a newer peer knows reads as `pending` or `unknown` (L6). */
export function statusFromWire(status: wire.ApplicationStatus): ApplicationStatus {
  const { generation, appliedAt, wait, runningRelease, runningBundle } = status;
  return {
    application: clean(status.application),
    release: clean(status.release),
    bundle: clean(status.bundle),
    generation,
    phase: phaseFromWire.get(status.phase) ?? 'pending',
    health: healthFromWire.get(status.health) ?? 'unknown',
    message: clean(status.message),
    counts: status.counts ?? noCounts,
    problems: status.problems.map(problemFromWire),
    drifts: status.drifts.map(driftFromWire),
    running:
      runningRelease === '' && runningBundle === ''
        ? null
        : { release: clean(runningRelease), bundle: clean(runningBundle) },
    appliedAt: appliedAt === 0 ? null : appliedAt,
    wait:
      wait === undefined
        ? null
        : { reason: clean(wait.reason), since: wait.since, deadline: wait.deadline === 0 ? null : wait.deadline },
    traceparent: orNull(clean(status.traceparent)),
  };
}

/** The wire's form of an event. */
export function eventToWire({ sequence, at, application, release, traceparent, detail }: AgentEvent): wire.Event {
  return { sequence, at, application, release, traceparent: orEmpty(traceparent), detail: detailToWire(detail) };
}

/** An event in core's words; null where only a newer peer knows what it says (L6). */
export function eventFromWire(event: wire.Event): AgentEvent | null {
  const detail = detailFromWire(event.detail);
  if (detail === null) return null;
  const { sequence, at } = event;
  const traceparent = orNull(clean(event.traceparent));
  return { sequence, at, application: clean(event.application), release: clean(event.release), traceparent, detail };
}

function detailToWire(detail: EventDetail): wire.Event['detail'] {
  switch (detail.type) {
    case 'drift':
      return { $case: 'drift', value: { drift: driftToWire(detail.drift), outcome: outcomeToWire[detail.outcome] } };
    case 'applied':
      return { $case: 'applied', value: detail };
    case 'failed': {
      const { bundle, code, message, problems } = detail;
      return { $case: 'failed', value: { bundle, code, message, problems: problems.map(problemToWire) } };
    }
    case 'pruned':
      return { $case: 'pruned', value: { objects: [...detail.objects] } };
  }
}

function detailFromWire(detail: wire.Event['detail']): EventDetail | null {
  switch (detail?.$case) {
    case undefined:
      return null;
    case 'drift': {
      const outcome = outcomeFromWire.get(detail.value.outcome);
      const { drift } = detail.value;
      return outcome === undefined || drift === undefined
        ? null
        : { type: 'drift', drift: driftFromWire(drift), outcome };
    }
    case 'applied':
      return { type: 'applied', ...detail.value, bundle: clean(detail.value.bundle) };
    case 'failed': {
      const { bundle, code, message, problems } = detail.value;
      const texts = { bundle: clean(bundle), code: clean(code), message: clean(message) };
      return { type: 'failed', ...texts, problems: problems.map(problemFromWire) };
    }
    case 'pruned':
      return { type: 'pruned', objects: detail.value.objects.map(objectFromWire) };
  }
}

function problemToWire({ object, code, field, message, health }: ObjectProblem): wire.ObjectProblem {
  return {
    object,
    code,
    field: orEmpty(field),
    message,
    health: health === null ? wire.Health.UNSPECIFIED : healthToWire[health],
  };
}

function problemFromWire({ object, code, field, message, health }: wire.ObjectProblem): ObjectProblem {
  return {
    object: objectFromWire(object),
    code: clean(code),
    field: orNull(clean(field)),
    message: clean(message),
    health: health === wire.Health.UNSPECIFIED ? null : (healthFromWire.get(health) ?? 'unknown'),
  };
}

function driftToWire({ object, field, wanted, found, manager, firstSeen }: Drift): wire.Drift {
  return { object, field, wanted: orEmpty(wanted), found: orEmpty(found), manager, firstSeen };
}

function driftFromWire({ object, field, wanted, found, manager, firstSeen }: wire.Drift): Drift {
  return {
    object: objectFromWire(object),
    field: clean(field),
    wanted: orNull(clean(wanted)),
    found: orNull(clean(found)),
    manager: clean(manager),
    firstSeen,
  };
}

function objectFromWire(object: wire.ObjectReference | undefined): ObjectRef {
  if (object === undefined) return { group: '', kind: '', namespace: '', name: '' };
  const { group, kind, namespace, name } = object;
  return { group: clean(group), kind: clean(kind), namespace: clean(namespace), name: clean(name) };
}

const noCounts: Counts = {
  objects: 0,
  healthy: 0,
  progressing: 0,
  degraded: 0,
  suspended: 0,
  unknown: 0,
  drifted: 0,
};

function inverse<Word extends string>(table: Readonly<Record<Word, number>>): ReadonlyMap<number, Word> {
  return new Map((Object.keys(table) as Word[]).map((word) => [table[word], word]));
}
