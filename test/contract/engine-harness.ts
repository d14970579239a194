import { type Logger, pino } from 'pino';
import type { Kube } from '../../agent/kube/port.ts';
import type { AgentMetrics } from '../../agent/metrics.ts';
import { createEngine, type Engine, type EngineLimits } from '../../agent/reconcile/engine.ts';
import type { KeyPlaces } from '../../agent/sops/keys.ts';
import { openingBundles } from '../../agent/sops/open-bundles.ts';
import type { State } from '../../agent/state/port.ts';
import { type Bundle, encodeBundle } from '../../core/bundle.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import type { AgentEvent, ApplicationStatus, EventDetail } from '../../core/link/status.ts';
import type { KubeObject, ObjectRef } from '../../core/objects/object.ts';
import { createMemoryState } from '../memory/state.ts';
import { until } from '../until.ts';

/** A cluster that an engine is tried on, and the hands of others in it. */
export interface Ground {
  readonly kube: Kube;
  /** Changes an object as another manager would: what it changes, it owns. */
  edit(ref: ObjectRef, manager: string, change: (object: KubeObject) => void): Promise<void>;
  put(object: KubeObject, manager: string): Promise<void>;
  /** Plays the controller that reports how an object is. */
  setStatus(ref: ObjectRef, status: (object: KubeObject) => Record<string, unknown>): Promise<void>;
  remove(ref: ObjectRef): Promise<void>;
}

export interface Bench {
  readonly engine: Engine;
  readonly state: State;
  readonly events: readonly Omit<AgentEvent, 'sequence'>[];
  readonly reports: readonly ApplicationStatus[];
  /** Writes that the agent has sent, dry runs apart. */
  readonly writes: () => number;
  /** Those writes in their order: `apply ConfigMap a`, `delete Job b`. */
  readonly log: readonly string[];
  details<T extends EventDetail['type']>(type: T): readonly Extract<EventDetail, { type: T }>[];
  /** Assigns one application, and nothing else. */
  run(bundle: Partial<Bundle> & { objects: readonly KubeObject[] }, assignment?: Partial<Assignment>): void;
  /** What the engine says that it would do. */
  dryRun(
    bundle: Partial<Bundle> & { objects: readonly KubeObject[] },
    assignment?: Partial<Assignment>,
  ): ReturnType<Engine['dryRun']>;
  assign(...all: readonly { bundle: Bundle; assignment?: Partial<Assignment> }[]): void;
  status(application?: string): ApplicationStatus | undefined;
  reach(
    what: string,
    condition: (status: ApplicationStatus) => boolean,
    application?: string,
  ): Promise<ApplicationStatus>;
  stop(): Promise<void>;
}

/** An engine on a cluster, with a state of its own unless one is given. */
export function startBench(
  ground: Ground,
  options: {
    state?: State;
    kube?: Kube;
    limits?: Partial<EngineLimits>;
    now?: () => number;
    keys?: KeyPlaces;
    log?: Logger;
    metrics?: AgentMetrics;
    hasSpoken?: () => boolean;
    /** What the agent finds, beside what this bench is told to run. */
    bundles?: Map<string, Bundle>;
  } = {},
): Bench {
  const state = options.state ?? createMemoryState();
  const bundles = options.bundles ?? new Map<string, Bundle>();
  const events: Omit<AgentEvent, 'sequence'>[] = [];
  const reports: ApplicationStatus[] = [];
  const now = options.now ?? Date.now;
  const log: string[] = [];
  let generation = 0;
  const inner = options.kube ?? ground.kube;
  const kube: Kube = {
    ...inner,
    apply: (resource, object, apply) => {
      if (apply.dryRun !== true) log.push(`apply ${object.kind} ${object.metadata.name}`);
      return inner.apply(resource, object, apply);
    },
    delete: (resource, name, deletion) => {
      log.push(`delete ${resource.kind} ${name.name}`);
      return inner.delete(resource, name, deletion);
    },
  };
  const engine = createEngine({
    kube,
    state,
    bundles: openingBundles(
      {
        get: async (digest) => {
          const bundle = bundles.get(digest);
          if (bundle === undefined) throw new Error(`no bundle ${digest}`);
          return bundle;
        },
      },
      options.keys ?? { file: null, namespace: null },
      kube,
    ),
    reporter: { status: (status) => void reports.push(status), event: (event) => void events.push(event) },
    log: options.log ?? pino({ level: process.env.ENGINE_LOG ?? 'silent' }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.hasSpoken === undefined ? {} : { hasSpoken: options.hasSpoken }),
    now,
    random: Math.random,
    limits: options.limits ?? {},
  });
  const assignmentOf = (bundle: Bundle, assignment: Partial<Assignment> = {}): Assignment => {
    const { digest } = encodeBundle(bundle);
    bundles.set(digest, bundle);
    return {
      application: bundle.application,
      release: `${bundle.application}@${digest.slice(7, 14)}`,
      bundle: digest,
      generation,
      environment: 'test',
      drift: 'correct',
      tenant: null,
      allow: null,
      pruneApproved: false,
      traceparent: null,
      ...assignment,
    };
  };
  const started = engine.start();
  const status = (application = 'shop') => engine.statuses().get(application);
  const bench: Bench = {
    engine,
    state,
    events,
    reports,
    writes: () => log.length,
    log,
    details: (type) =>
      events
        .map(({ detail }) => detail)
        .filter((detail): detail is Extract<EventDetail, { type: typeof type }> => detail.type === type),
    run: ({ objects, ...bundle }, assignment = {}) =>
      bench.assign({ bundle: bundleOf(bundle.application ?? 'shop', objects, bundle), assignment }),
    assign: (...all) => {
      generation += 1;
      const assignments = all.map(({ bundle, assignment }) => assignmentOf(bundle, assignment));
      engine.assign(assignments);
    },
    dryRun: ({ objects, ...bundle }, assignment = {}) => {
      const whole = bundleOf(bundle.application ?? 'shop', objects, bundle);
      return engine.dryRun(
        { assignment: assignmentOf(whole, assignment), bundle: whole },
        new AbortController().signal,
      );
    },
    status,
    reach: async (what, condition, application) => {
      const is = () => {
        const current = status(application);
        return current !== undefined && condition(current);
      };
      await until(is, { what, describe: () => JSON.stringify(status(application), null, 2) });
      return status(application) as ApplicationStatus;
    },
    stop: async () => {
      await started;
      await engine.stop();
    },
  };
  return bench;
}

/** A bundle as the hub would make it. */
export function bundleOf(application: string, objects: readonly KubeObject[], more: Partial<Bundle> = {}): Bundle {
  return { application, namespace: 'default', conflicts: 'yield', ignore: [], health: [], ...more, objects };
}

export function configMap(name: string, data: Record<string, unknown>, namespace?: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    data,
  };
}

export function deployment(name: string, namespace: string, image = 'example/app:1'): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'main',
              image,
              ports: [{ containerPort: 80 }],
              env: [{ name: 'MODE', value: 'calm' }],
              resources: { limits: { cpu: '1000m', memory: '1024Mi' } },
            },
          ],
        },
      },
    },
  };
}

export function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

export const refTo = (kind: string, namespace: string, name: string, group = ''): ObjectRef => ({
  group,
  kind,
  namespace,
  name,
});

export const isApplied = ({ phase }: ApplicationStatus) => phase === 'applied';

/** As a Deployment's controller reports that all of its Pods are there. */
export const rolledOut = ({ metadata, spec }: KubeObject): Record<string, unknown> => {
  const replicas = (spec as { replicas: number }).replicas;
  return {
    observedGeneration: metadata.generation,
    ...{ replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas },
    conditions: [{ type: 'Available', status: 'True' }],
  };
};

/** As the Job controller reports the end of a Job. */
export const ended =
  (type: 'Complete' | 'Failed', message = '') =>
  (): Record<string, unknown> => ({
    conditions: [{ type, status: 'True', reason: type === 'Failed' ? 'BackoffLimitExceeded' : '', message }],
  });

/** A Job that would be done at once, if anybody ran it. */
export function job(name: string, namespace: string, annotations: Record<string, string>): KubeObject {
  const container = { name: 'main', image: 'example/migrate:1' };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, annotations },
    spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}

/** The containers of a workload; none where there is no workload. */
export function containersOf(object: KubeObject | null): readonly { readonly name?: string; image?: string }[] {
  const spec = object?.spec as { template?: { spec?: { containers?: { image?: string }[] } } } | undefined;
  return spec?.template?.spec?.containers ?? [];
}
