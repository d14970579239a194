import type { Logger } from 'pino';
import { canonicalJson } from '../../core/canonical.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import type { ApplicationStatus } from '../../core/link/status.ts';
import type { Spans } from '../../telemetry/spans.ts';
import { noTelemetry } from '../../telemetry/telemetry.ts';
import { createDesiredIndex } from '../drift/desired-index.ts';
import type { Change } from '../drift/followed-kind.ts';
import { createObserver } from '../drift/observer.ts';
import type { Kube } from '../kube/port.ts';
import { type AgentMetrics, createAgentMetrics } from '../metrics.ts';
import { withholding } from '../sops/withhold.ts';
import type { State } from '../state/port.ts';
import type { Active, Application } from './application.ts';
import type { Context } from './context.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { createFetching } from './fetching.ts';
import { createInventoryStore } from './inventory-store.ts';
import { failedUnexpectedly, isMaterial, stateAfter } from './outcome.ts';
import { pass } from './pass.ts';
import type { BundleSource, Reporter } from './ports.ts';
import { createWorkQueue } from './queue.ts';
import { createReporting } from './reporting.ts';
import { statusOf } from './status.ts';
import { systemTimers, type Timers } from './timers.ts';

/** Makes a cluster what it is assigned to be, and keeps it so. */
export interface Engine {
  /** Loads what was there before a restart. An inventory that cannot be loaded yet is tried again when it is needed. */
  start(): Promise<void>;
  /** Replaces what this cluster is to run; the same again changes nothing. Returns at once. */
  assign(assignments: readonly Assignment[]): void;
  /** What was last reported of each assigned application. */
  statuses(): ReadonlyMap<string, ApplicationStatus>;
  /**
   * What it would do with a bundle, as data, by the functions that do it. Changes nothing.
   * @throws KubeError where the API server cannot say, for now
   */
  dryRun(active: Active, signal: AbortSignal): Promise<DryRun>;
  /** Digests of the bundles that run, assigned or not any more: they may have to be kept in force. */
  running(): ReadonlySet<string>;
  /** Ends what is under way, at the next write at the latest, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly kube: Kube;
  readonly state: State;
  readonly bundles: BundleSource;
  readonly reporter: Reporter;
  /** False while a hub has said nothing since this agent started. @default always true */
  readonly hasSpoken?: () => boolean;
  readonly log: Logger;
  readonly spans?: Spans;
  readonly metrics?: AgentMetrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly timers?: Timers;
  readonly limits?: Partial<EngineLimits>;
}

export interface EngineLimits {
  /** Applications worked on at one time (A9). */
  readonly concurrency: number;
  /** Requests of one application under way at one time. */
  readonly requests: number;
  /** Milliseconds between two full comparisons of an application, on average (D1). */
  readonly comparison: number;
  /** Milliseconds between two reports of one application. */
  readonly report: number;
}

const defaults: EngineLimits = { concurrency: 4, requests: 16, comparison: 600_000, report: 100 };

export function createEngine(options: EngineOptions): Engine {
  const { kube, state, bundles, reporter, log, now, random, timers = systemTimers } = options;
  const { spans = noTelemetry.spans, metrics = createAgentMetrics(noTelemetry.meter) } = options;
  const { hasSpoken = () => true } = options;
  const limits = { ...defaults, ...options.limits };
  const apps = new Map<string, Application>();
  const index = createDesiredIndex();
  const stopping = new AbortController();
  const inventories = createInventoryStore(state, kube, log);

  const onChange = ({ key, before, after }: Change) => {
    const concerned = new Set([before?.owner, after?.owner, ...index.applicationsOf(key)]);
    for (const name of concerned) {
      const app = name == null ? undefined : apps.get(name);
      if (app === undefined) continue;
      reporting.touch(app.name);
      if (!isMaterial(before, after, app.state)) continue;
      const pause = pauseOf(app);
      if (pause === 0) queue.add(app.name);
      else queue.addAfter(app.name, pause);
    }
  };
  const onFollowing = () => {
    for (const { name, active, assignment, state } of apps.values()) {
      const isUnderWay = state.state === 'pending' || state.state === 'applying';
      if (isUnderWay || active?.assignment !== assignment) queue.add(name);
    }
  };
  const arriving = (name: string) =>
    [...apps.values()].find((other) => other.name !== name && isArriving(other, now()))?.name ?? null;
  const observer = createObserver({ kube, log, now, timers, wantedOf: index.find, onChange, onFollowing });
  const context: Context = {
    ...{
      kube: withholding(kube, index.isSealed),
      observer,
      index,
      inventories,
      reporter,
      arriving,
      hasSpoken,
      stopping: stopping.signal,
      log,
      spans,
      metrics,
      now,
    },
    requests: limits.requests,
  };
  const reporting = createReporting({
    statusOf: (name) => {
      const app = apps.get(name);
      return app === undefined ? null : statusOf(app, observer);
    },
    report: (status) => reporter.status(status),
    timers,
    interval: limits.report,
  });

  const nextComparison = () => now() + limits.comparison * (0.75 + random() / 2);

  /** One turn of an application: a pass, and what follows from how it ended. */
  const work = async (name: string) => {
    const app = apps.get(name);
    if (app?.active == null) return;
    const {
      active,
      cancel: { signal },
    } = app;
    if (app.state.state === 'pending') app.state = { state: 'applying', wait: null };
    reporting.touch(name);
    try {
      if (now() >= app.compareAt) {
        for (const resource of new Set(
          [...app.targets.values()].filter(({ served }) => served).map((target) => target.resource),
        ))
          await observer.readAll(resource, name);
        app.resolved = null;
        app.compareAt = nextComparison();
      }
      const result = await pass(app, active, context, signal);
      metrics.passed(signal.aborted ? 'cancelled' : result.result);
      if (signal.aborted) return;
      settleTurn(app, active, stateAfter(app, result, now(), random()));
    } catch (error) {
      metrics.passed(signal.aborted ? 'cancelled' : 'error');
      if (signal.aborted) return;
      settleTurn(app, active, failedUnexpectedly(app, error, now(), random()));
      log.warn({ application: name, err: error }, 'a pass over an application failed');
    }
  };

  const settleTurn = (app: Application, active: Active, after: ReturnType<typeof stateAfter>) => {
    app.failures = after.failures;
    app.waited = after.waited;
    if (after.state.state !== 'applied') app.resolved = null;
    let isTurn = false;
    // While a newer bundle is on its way, or has just come, that is what is told; what stands is kept meanwhile.
    if (app.active === active && active.assignment === app.assignment) {
      if (after.event !== null) reporter.event({ ...after.event, at: now() });
      isTurn = app.state.state !== after.state.state;
      app.state = after.state;
    }
    queue.addAfter(app.name, Math.min(after.nextIn ?? Number.POSITIVE_INFINITY, Math.max(app.compareAt - now(), 0)));
    reporting.touch(app.name, isTurn);
  };

  const queue = createWorkQueue(work, { concurrency: limits.concurrency, now, timers });
  const fetching = createFetching({
    bundles,
    inventories,
    log,
    now,
    random,
    timers,
    onChange: ({ name }) => reporting.touch(name),
    onArrived: ({ name }) => queue.add(name),
  });

  const enlist = (assignment: Assignment) => {
    const app: Application = {
      name: assignment.application,
      assignment,
      traceparent: assignment.traceparent,
      active: null,
      lastGood: null,
      lastTargets: new Map(),
      enforced: null,
      inventory: null,
      targets: new Map(),
      hooks: [],
      resolved: null,
      run: null,
      state: { state: 'pending' },
      waited: null,
      drifts: new Map(),
      fights: new Map(),
      deleted: new Set(),
      bundleMissingSince: null,
      failures: 0,
      compareAt: nextComparison(),
      cancel: new AbortController(),
    };
    apps.set(app.name, app);
    fetching.begin(app);
  };

  const replace = (app: Application, assignment: Assignment) => {
    app.cancel.abort();
    app.cancel = new AbortController();
    app.assignment = assignment;
    app.traceparent = assignment.traceparent;
    app.failures = 0;
    app.waited = null;
    if (app.active?.assignment.bundle === assignment.bundle) {
      app.active = { ...app.active, assignment };
      app.bundleMissingSince = null;
      if (app.state.state !== 'applied') app.state = { state: 'pending' };
    } else {
      fetching.begin(app);
    }
    queue.add(app.name);
    reporting.touch(app.name);
  };

  const dismiss = (app: Application) => {
    app.cancel.abort();
    apps.delete(app.name);
    index.remove(app.name);
    observer.followFor(app.name, []);
    queue.remove(app.name);
    reporting.drop(app.name);
    log.info({ application: app.name }, 'an application is no longer assigned: what it runs stays as it is');
  };

  return {
    start: async () => {
      for (const record of await state.list('inventory/')) {
        const application = record.slice('inventory/'.length);
        await inventories
          .load(application)
          .catch((error: unknown) => log.warn({ application, err: error }, 'an inventory cannot be loaded yet'));
      }
    },
    assign: (assignments) => {
      const assigned = new Map(assignments.map((assignment) => [assignment.application, assignment]));
      for (const app of [...apps.values()]) if (!assigned.has(app.name)) dismiss(app);
      for (const assignment of assigned.values()) {
        const app = apps.get(assignment.application);
        if (app === undefined) enlist(assignment);
        else if (!isSame(app.assignment, assignment)) replace(app, assignment);
      }
    },
    statuses: reporting.statuses,
    running: inventories.running,
    dryRun: (active, signal) => dryRun(active, context, signal),
    stop: async () => {
      stopping.abort();
      for (const { cancel } of apps.values()) cancel.abort();
      await Promise.all([queue.stop(), observer.stop()]);
      reporting.stop();
    },
  };
}

/**
 * Milliseconds to let changes gather before they are looked at. What failed may well fail again; what waits looks at
 * all of its objects each time, and may be waiting for each of them. What is kept is put back at once (D1).
 */
function pauseOf({ state, enforced, active, targets }: Application): number {
  if (state.state === 'failed') return enforced === active ? 1_000 : 0;
  return state.state === 'applying' && state.wait !== null ? Math.max(100, targets.size / 5) : 0;
}

/**
 * Milliseconds for which others wait for a bundle that is to be had: what they are about to delete may have moved to it
 * (A12), and a hub that is away for a moment is no reason to lose that. Nobody waits for good (A9).
 */
const bundlePatience = 5 * 60_000;

function isArriving({ assignment, enforced, state, bundleMissingSince }: Application, now: number): boolean {
  if (enforced?.assignment.bundle === assignment.bundle) return false;
  return bundleMissingSince === null ? state.state !== 'failed' : now - bundleMissingSince < bundlePatience;
}

function isSame({ traceparent: _, ...a }: Assignment, { traceparent: __, ...b }: Assignment): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
