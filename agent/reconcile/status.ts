import { missingHealth, worstOf } from '../../core/health/health.ts';
import type { HealthReport } from '../../core/health/report.ts';
import {
  type ApplicationStatus,
  type Counts,
  type Health,
  type ObjectProblem,
  type Phase,
  problemLimit,
  type Wait,
} from '../../core/link/status.ts';
import { describeRef, type ObjectRef } from '../../core/objects/object.ts';
import type { Observer } from '../drift/observer.ts';
import type { Application, ApplicationState } from './application.ts';

interface Seen {
  readonly ref: ObjectRef;
  readonly report: HealthReport;
  readonly missing: boolean;
}

const unread: HealthReport = { health: 'unknown', reason: 'it has not been read yet' };

const worstFirst: readonly Health[] = ['degraded', 'progressing', 'unknown', 'suspended'];

/**
 * The whole status of an application: counts, and detail only for what is not well (L3).
 * @param observer knows what stands in the cluster
 */
export function statusOf(app: Application, observer: Pick<Observer, 'find' | 'knows'>): ApplicationStatus {
  const { assignment, state, inventory } = app;
  const enforced = app.enforced?.assignment.bundle ?? assignment.bundle;
  const stands = state.state === 'applied' || inventory?.running?.bundle === enforced;
  // What could not be applied is as ill as what is gone: nothing brings it but another try (H2).
  const failed = state.state === 'failed';
  const seen = [...app.targets.values()].map(({ wanted, resource }): Seen => {
    const record = observer.find(wanted.ref, resource);
    // After a restart nobody has looked yet; that says nothing of an object which stood before.
    if (record === undefined && stands && !observer.knows(resource))
      return { ref: wanted.ref, report: unread, missing: true };
    const missing = record === undefined || (record.owner !== app.name && record.ownerConfirmed);
    return { ref: wanted.ref, report: missing ? missingHealth(stands || failed) : record.health, missing };
  });
  const unwell = worstFirst.flatMap((health) => seen.filter(({ report }) => report.health === health));
  const drifts = [...app.drifts.values()].map(({ drift }) => drift);
  return {
    application: app.name,
    release: assignment.release,
    bundle: assignment.bundle,
    generation: assignment.generation,
    phase: phaseOf(state),
    health: healthOf(app, seen, stands),
    message: messageOf(app, seen.length, unwell),
    counts: countsOf(app, seen, new Set(drifts.map(({ object }) => describeRef(object))).size),
    problems: [
      ...problemsOf(state),
      ...unwell.filter(({ report, missing }) => report !== unread && (!missing || stands)).map(unhealthy),
    ].slice(0, problemLimit),
    drifts: drifts.slice(0, problemLimit),
    running: inventory?.running ?? null,
    appliedAt: inventory?.appliedAt ?? null,
    wait: waitOf(app),
    traceparent: app.traceparent,
  };
}

/** Of a bundle that could not be applied at all, and with none before it, there may be nothing to be seen (H2). */
function healthOf({ active, state }: Application, seen: readonly Seen[], stands: boolean): Health {
  if (active === null) return 'unknown';
  const failed: readonly Health[] = state.state === 'failed' && !stands ? ['degraded'] : [];
  return worstOf([...failed, ...seen.map(({ report }) => report.health)]);
}

function phaseOf({ state }: ApplicationState): Phase {
  return state;
}

function problemsOf(state: ApplicationState): readonly ObjectProblem[] {
  switch (state.state) {
    case 'applied':
      return state.notes;
    case 'failed':
      return state.problems;
    case 'pending':
    case 'fetching':
    case 'applying':
      return [];
  }
}

function waitOf({ state, inventory }: Application): Wait | null {
  switch (state.state) {
    case 'pending':
      return null;
    case 'applied': {
      const held = state.notes.filter(({ code }) => code === 'prune-held').length;
      if (state.wait !== null || held === 0) return state.wait;
      const reason = `deleting ${held} objects that left the bundle waits for a person`;
      return { reason, since: inventory?.appliedAt ?? 0, deadline: null };
    }
    case 'fetching':
    case 'applying':
    case 'failed':
      return state.wait;
  }
}

function messageOf({ state, drifts, enforced, active }: Application, total: number, unwell: readonly Seen[]): string {
  switch (state.state) {
    case 'pending':
      return 'It is about to be looked at.';
    case 'fetching':
      return 'Its bundle is on its way.';
    case 'applying':
      return state.wait === null ? 'It is being applied.' : `It waits: ${state.wait.reason}.`;
    case 'failed': {
      const kept = enforced === active ? null : enforced;
      return kept === null ? state.message : `${state.message}; ${kept.assignment.release} is kept meanwhile`;
    }
    case 'applied': {
      const [worst] = unwell;
      const others = unwell.length > 1 ? ` (and ${unwell.length - 1} more)` : '';
      const health =
        worst === undefined
          ? `All ${total} objects stand and are healthy`
          : `${describeRef(worst.ref)}: ${worst.report.reason}${others}`;
      const [note] = state.notes;
      const drifted = drifts.size === 0 ? '' : `; ${drifts.size} fields have drifted`;
      return `${health}${drifted}.${note === undefined ? '' : ` ${note.message}.`}`;
    }
  }
}

function countsOf(app: Application, seen: readonly Seen[], drifted: number): Counts {
  const count = (health: Health) => seen.filter(({ report }) => report.health === health).length;
  return {
    objects: app.targets.size || (app.active?.bundle.objects.length ?? 0),
    healthy: count('healthy'),
    progressing: count('progressing'),
    degraded: count('degraded'),
    suspended: count('suspended'),
    unknown: count('unknown'),
    drifted,
  };
}

function unhealthy({ ref, report }: Seen): ObjectProblem {
  const message = `${describeRef(ref)}: ${report.reason}`;
  return { object: ref, code: 'unhealthy', field: null, message, health: report.health };
}
