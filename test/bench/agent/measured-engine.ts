import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Kube } from '../../../agent/kube/port.ts';
import { createAgentMetrics } from '../../../agent/metrics.ts';
import { createEngine } from '../../../agent/reconcile/engine.ts';
import { openDiskState } from '../../../agent/state/disk.ts';
import { encodeBundle } from '../../../core/bundle.ts';
import type { Assignment } from '../../../core/link/assignment.ts';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import type { KubeObject } from '../../../core/objects/object.ts';
import { noTelemetry } from '../../../telemetry/telemetry.ts';
import { bundleOf } from '../../contract/engine-harness.ts';

/** The real engine on a real client and disk, with one application, and a clock on it. */
export interface MeasuredEngine {
  /** Writes that it has sent, dry runs apart. */
  writes(): number;
  /** Assigns a bundle. Resolves, with milliseconds, when a pass has found or made the cluster equal to it. */
  take(objects: readonly KubeObject[]): Promise<number>;
  stop(): Promise<void>;
}

/** @throws Error from `take` where the engine fails instead */
export async function startMeasuredEngine(inner: Kube, application: string): Promise<MeasuredEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-bench-state-'));
  let writes = 0;
  let generation = 0;
  let passed: (result: string) => void = () => undefined;
  let told: (status: ApplicationStatus) => void = () => undefined;
  let bundle = bundleOf(application, []);
  const kube: Kube = {
    ...inner,
    apply: (resource, object, options) => {
      if (options.dryRun !== true) writes += 1;
      return inner.apply(resource, object, options);
    },
    delete: (...call) => {
      writes += 1;
      return inner.delete(...call);
    },
  };
  const engine = createEngine({
    kube,
    state: await openDiskState(folder),
    bundles: { get: async () => bundle },
    reporter: { status: (status) => told(status), event: () => undefined },
    metrics: { ...createAgentMetrics(noTelemetry.meter), passed: (result) => passed(result) },
    log: pino({ level: process.env.FAIRWAY_LOG_LEVEL ?? 'fatal' }),
    now: Date.now,
    random: Math.random,
  });
  await engine.start();
  return {
    writes: () => writes,
    take(objects) {
      generation += 1;
      bundle = bundleOf(application, objects);
      const { digest } = encodeBundle(bundle);
      const assignment: Assignment = {
        application,
        release: `${application}@${digest.slice(7, 19)}`,
        bundle: digest,
        generation,
        environment: 'bench',
        drift: 'correct',
        tenant: null,
        allow: null,
        pruneApproved: false,
        traceparent: null,
      };
      return new Promise((resolve, reject) => {
        const began = performance.now();
        passed = (result) => {
          if (result === 'applied') resolve(performance.now() - began);
        };
        told = ({ phase, message }) => {
          if (phase === 'failed') reject(new Error(message));
        };
        engine.assign([assignment]);
      });
    },
    async stop() {
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
