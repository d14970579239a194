import type { Logger } from 'pino';
import type { Spans } from '../telemetry/spans.ts';
import { noTelemetry } from '../telemetry/telemetry.ts';
import type { Kube } from './kube/port.ts';
import { createLink, type LinkState } from './link/link.ts';
import type { Dial } from './link/port.ts';
import { logEvent } from './log-events.ts';
import { type AgentMetrics, createAgentMetrics } from './metrics.ts';
import { createEngine } from './reconcile/engine.ts';
import type { Reporter } from './reconcile/ports.ts';
import type { KeyPlaces } from './sops/keys.ts';
import { openingBundles } from './sops/open-bundles.ts';
import type { State } from './state/port.ts';

/** What an agent stands on: a cluster, a place for what survives it, and a way to its hub. */
export interface AgentPorts {
  readonly kube: Kube;
  readonly state: State;
  readonly dial: Dial;
  /** Of this agent. */
  readonly version: string;
  readonly log: Logger;
  /** Where its age keys are; left out: it has none. */
  readonly keys?: KeyPlaces;
  readonly spans?: Spans;
  readonly metrics?: AgentMetrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Agent {
  /** Rejects where the hub refuses it for good: a used join token, and no identity. */
  readonly ended: Promise<void>;
  connection(): LinkState;
  /** Goes over to a new stream, for its identity was renewed (T2). */
  handOver(): void;
  /** Ends what is under way at the next write, makes durable what was reported, ends the stream. */
  stop(): Promise<void>;
}

/**
 * Joins the link and the engine: what is desired flows from one to the other, what is seen flows back. It enforces
 * what it was told last from the first moment, with a hub or without one (L4).
 */
export async function runAgent(ports: AgentPorts): Promise<Agent> {
  const { kube, state, dial, version, log, now, random } = ports;
  const { spans = noTelemetry.spans, metrics = createAgentMetrics(noTelemetry.meter) } = ports;
  const link = await createLink({
    ...{ state, dial, version, log, now, random },
    kubernetesVersion: () => kube.version(),
    running: () => engine.running(),
  });
  const { keys = { file: null, namespace: null } } = ports;
  const bundles = openingBundles(link.bundles, keys, kube);
  const reporter: Reporter = {
    status: link.reporter.status,
    event(event) {
      if (event.detail.type === 'drift') metrics.drifted(event.detail.outcome);
      logEvent(log, event);
      link.reporter.event(event);
    },
  };
  const { hasSpoken } = link;
  const engine = createEngine({ kube, state, bundles, reporter, hasSpoken, log, spans, metrics, now, random });
  metrics.watch({ connection: link.connection, statuses: engine.statuses, backlog: link.backlog });
  await engine.start();
  link.onDesired((assignments) => engine.assign(assignments));
  link.start();
  return {
    ended: link.ended,
    connection: () => link.connection(),
    handOver: () => link.handOver(),
    async stop() {
      await engine.stop();
      await link.stop();
    },
  };
}
