import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { Validity } from '../core/link/renewal.ts';
import { type ApplicationStatus, type DriftOutcome, driftOutcomes, healths, phases } from '../core/link/status.ts';
import type { WatchEnd } from './kube/client.ts';
import type { LinkState } from './link/link.ts';

/** What is measured of one agent. It is one cluster's, so no series names it: whoever scrapes knows whom it asks. */
export interface AgentMetrics {
  /** A pass over an application ended; `cancelled`: its assignment was replaced meanwhile. */
  passed(result: PassOutcome): void;
  /** A pass that had something to write took so long. */
  applied(result: string, seconds: number): void;
  /** @param code HTTP status; 0: no answer */
  answered(verb: string, code: number, seconds: number): void;
  watchEnded(reason: WatchEnd): void;
  drifted(outcome: DriftOutcome): void;
  /** When the certificate holds, asked for at each scrape. */
  certificate(validity: () => Validity | null): void;
  /** What is asked for at each scrape. */
  watch(agent: Measured): void;
}

const passResults = ['applied', 'kept', 'waiting', 'failed', 'cancelled', 'error'] as const;
type PassOutcome = (typeof passResults)[number];

interface Measured {
  connection(): LinkState;
  statuses(): ReadonlyMap<string, ApplicationStatus>;
  /** Events that wait for the hub, and those that fell out. */
  backlog(): { readonly events: number; readonly dropped: number };
}

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const applyBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createAgentMetrics(meter: Meter): AgentMetrics {
  const passes = meter.createCounter('fairway_agent_passes_total', {
    description:
      'Passes over an application, by result: applied, kept (the last good bundle), waiting, failed, cancelled, error',
  });
  const applies = meter.createHistogram('fairway_agent_apply_duration_seconds', {
    description: 'How long a pass that takes an application to its bundle takes, by result',
    advice: { explicitBucketBoundaries: applyBuckets },
  });
  const requests = meter.createCounter('fairway_agent_kubernetes_requests_total', {
    description: 'Requests to the API server, by verb and status code; 0: no answer',
  });
  const answers = meter.createHistogram('fairway_agent_kubernetes_request_duration_seconds', {
    description: 'Time until the API server begins to answer, by verb',
    advice: { explicitBucketBoundaries: requestBuckets },
  });
  const watches = meter.createCounter('fairway_agent_watch_restarts_total', {
    description: 'Watches that ended and were begun anew, by reason; the server ends each after five to ten minutes',
  });
  const drifts = meter.createCounter('fairway_agent_drifts_total', {
    description: 'Drifts, by outcome: found, corrected, gone, fought',
  });
  // A counter that does not stand yet cannot be seen to grow.
  for (const result of passResults) passes.add(0, { result });
  for (const outcome of driftOutcomes) drifts.add(0, { outcome });
  for (const reason of ['ended', 'gone', 'unavailable'] satisfies WatchEnd[]) watches.add(0, { reason });
  return {
    passed: (result) => passes.add(1, { result }),
    applied: (result, seconds) => applies.record(seconds, { result }),
    answered(verb, code, seconds) {
      requests.add(1, { verb, code: String(code) });
      answers.record(seconds, { verb });
    },
    watchEnded: (reason) => watches.add(1, { reason }),
    drifted: (outcome) => drifts.add(1, { outcome }),
    certificate(validity) {
      const expiry = meter.createObservableGauge('fairway_agent_certificate_expiry_timestamp_seconds', {
        description: 'When the certificate of this agent runs out, in seconds since the epoch',
      });
      expiry.addCallback((result) => {
        const held = validity();
        if (held !== null) result.observe(held.to / 1_000);
      });
    },
    watch: (agent) => measureStanding(meter, agent),
  };
}

function measureStanding(meter: Meter, { connection, statuses, backlog }: Measured): void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  const connected = gauge('fairway_agent_link_connected', '1 while the hub has welcomed this agent, else 0');
  const applications = gauge('fairway_agent_applications', 'Assigned applications, by phase');
  const objects = gauge('fairway_agent_objects', 'Managed objects, by health');
  const drifted = gauge('fairway_agent_drifted_objects', 'Managed objects that stand otherwise than wanted');
  const waiting = gauge('fairway_agent_outbox_events', 'Events that wait for the hub');
  const dropped = meter.createObservableCounter('fairway_agent_outbox_dropped_total', {
    description: 'Events that fell out of the outbox before the hub had them',
  });
  const observe = (result: BatchObservableResult) => {
    const all = [...statuses().values()];
    const sum = (count: (status: ApplicationStatus) => number) => all.reduce((total, one) => total + count(one), 0);
    result.observe(connected, connection().state === 'connected' ? 1 : 0);
    for (const phase of phases)
      result.observe(
        applications,
        sum((one) => Number(one.phase === phase)),
        { phase },
      );
    for (const health of healths)
      result.observe(
        objects,
        sum(({ counts }) => counts[health]),
        { health },
      );
    result.observe(
      drifted,
      sum(({ counts }) => counts.drifted),
    );
    result.observe(waiting, backlog().events);
    result.observe(dropped, backlog().dropped);
  };
  meter.addBatchObservableCallback(observe, [connected, applications, objects, drifted, waiting, dropped]);
}
