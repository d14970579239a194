import type { Meter } from '@opentelemetry/api';
import type { JobQueue } from './backend.ts';
import { type LoopName, loopNames } from './loops.ts';

/** How a run ended: `aborted` where the hub stops or another hub has the key. */
const results = ['ok', 'failed', 'aborted'] as const;
export type RunResult = (typeof results)[number];

/** What is measured of the loops. */
export interface LoopMetrics {
  /** @param seconds that the run took */
  ran(loop: LoopName, result: RunResult, seconds: number): void;
}

/** @param queues asked, at each scrape, how many jobs they hold */
export function measureLoops(meter: Meter, queues: () => ReadonlyMap<LoopName, Pick<JobQueue, 'count'>>): LoopMetrics {
  const runs = meter.createCounter('fairway_hub_loop_runs_total', {
    description: 'Runs of a loop over one key, by how they ended: ok, failed, aborted',
  });
  const duration = meter.createHistogram('fairway_hub_loop_run_duration_seconds', {
    description: 'How long a run of a loop over one key takes',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
  });
  const depth = meter.createObservableGauge('fairway_hub_queue_jobs', {
    description: 'Jobs that wait in the queue of a loop, timers included',
  });
  depth.addCallback(async (result) => {
    for (const [loop, queue] of queues()) result.observe(await queue.count(), { loop });
  });
  // A counter that does not stand yet cannot be seen to grow.
  for (const loop of loopNames) for (const result of results) runs.add(0, { loop, result });
  return {
    ran(loop, result, seconds) {
      runs.add(1, { loop, result });
      duration.record(seconds, { loop });
    },
  };
}
