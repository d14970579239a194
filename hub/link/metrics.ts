import type { Meter } from '@opentelemetry/api';
import { driftOutcomes, type EventDetail } from '../../core/link/status.ts';
import type { Report } from './reports.ts';
import type { Turn } from './store-reports.ts';

/** What is measured of the link to the agents. No series names a cluster: there may be thousands. */
export interface LinkMetrics {
  sent(bytes: number): void;
  /** Reports that are stored. */
  stored(reports: readonly Report[], turns: readonly Turn[]): void;
}

/** Seconds: from what a test cluster takes to what a night of waiting for approval takes. */
const deliveries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

/** @param connected how many agents this replica holds a stream of */
export function measureLink(meter: Meter, connected: () => number): LinkMetrics {
  meter
    .createObservableGauge('fairway_hub_connected_agents', { description: 'Agents whose stream this replica holds' })
    .addCallback((result) => result.observe(connected()));
  const bundleBytes = meter.createCounter('fairway_hub_bundle_sent_bytes_total', {
    description: 'Bytes of bundles that were sent to agents',
  });
  const statuses = meter.createCounter('fairway_hub_statuses_stored_total', {
    description: "Applications' statuses that agents reported and the hub stored",
  });
  const events = meter.createCounter('fairway_hub_events_stored_total', {
    description: 'Events that agents reported and the hub stored, by type',
  });
  const drifts = meter.createCounter('fairway_hub_drifts_total', {
    description: 'Drifts that agents reported, by outcome: found, corrected, gone, fought',
  });
  const applied = meter.createHistogram('fairway_hub_assignment_to_applied_seconds', {
    description: 'From an assignment to the stored report that the cluster runs it, by environment',
    advice: { explicitBucketBoundaries: deliveries },
  });
  const delivered = meter.createHistogram('fairway_hub_commit_to_applied_seconds', {
    description:
      'From the release that the hub made of a commit to the stored report that a cluster runs it, by environment; late joiners and promotions count with all that they waited',
    advice: { explicitBucketBoundaries: deliveries },
  });
  const failed = meter.createCounter('fairway_hub_applies_failed_total', {
    description: 'Reports that a cluster cannot apply what it is assigned',
  });
  // A counter that does not stand yet cannot be seen to grow.
  for (const counter of [bundleBytes, statuses, failed]) counter.add(0);
  for (const type of ['drift', 'applied', 'failed', 'pruned'] satisfies EventDetail['type'][]) events.add(0, { type });
  for (const outcome of driftOutcomes) drifts.add(0, { outcome });

  return {
    sent: (bytes) => bundleBytes.add(bytes),
    stored(reports, turns) {
      for (const report of reports) {
        if (report.type === 'status') {
          if (report.statuses.length > 0) statuses.add(report.statuses.length);
          continue;
        }
        for (const { detail } of report.events) {
          events.add(1, { type: detail.type });
          if (detail.type === 'drift') drifts.add(1, { outcome: detail.outcome });
        }
      }
      for (const { to, environment, sinceAssigned, sinceReleased } of turns) {
        if (to === 'failed') {
          failed.add(1);
          continue;
        }
        applied.record(sinceAssigned, { environment });
        delivered.record(sinceReleased, { environment });
      }
    },
  };
}
