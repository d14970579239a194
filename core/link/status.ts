import { canonicalJson, type Digest, digestOf } from '../canonical.ts';
import type { ObjectRef } from '../objects/object.ts';

/** What an agent says of one application (L3), and of the events on its way. All times: milliseconds since the epoch. */

/** The five words of health (H2). */
export const healths = ['healthy', 'progressing', 'degraded', 'suspended', 'unknown'] as const;
export type Health = (typeof healths)[number];

/** Where an application is on its way to its assigned bundle. */
export const phases = ['pending', 'fetching', 'applying', 'applied', 'failed'] as const;
export type Phase = (typeof phases)[number];

export interface ApplicationStatus {
  readonly application: string;
  /** The assignment that this status is about. */
  readonly release: string;
  readonly bundle: string;
  readonly generation: number;
  readonly phase: Phase;
  readonly health: Health;
  /** A sentence that says why. */
  readonly message: string;
  readonly counts: Counts;
  /** Only what is not well; at most `problemLimit`. */
  readonly problems: readonly ObjectProblem[];
  /** Drift that stands now; at most `problemLimit`. */
  readonly drifts: readonly Drift[];
  /** What was last applied whole. */
  readonly running: { readonly release: string; readonly bundle: string } | null;
  readonly appliedAt: number | null;
  readonly wait: Wait | null;
  /** Part of no digest. */
  readonly traceparent: string | null;
}

/** Detail beyond this many objects is counted, not listed (L3, L7). */
export const problemLimit = 50;

export interface Counts {
  readonly objects: number;
  readonly healthy: number;
  readonly progressing: number;
  readonly degraded: number;
  readonly suspended: number;
  readonly unknown: number;
  readonly drifted: number;
}

export interface ObjectProblem {
  readonly object: ObjectRef;
  /** Stable: invalid, conflict, refused, forbidden, kept, unhealthy, … */
  readonly code: string;
  /** JSON pointer, or null. */
  readonly field: string | null;
  readonly message: string;
  readonly health: Health | null;
}

export interface Drift {
  readonly object: ObjectRef;
  /** JSON pointer; empty: the object itself is missing. */
  readonly field: string;
  /** JSON texts; null: absent. Values of Secrets are masked (A11). */
  readonly wanted: string | null;
  readonly found: string | null;
  /** Field manager that set what was found, or `unknown` (D3). */
  readonly manager: string;
  readonly firstSeen: number;
}

/** Why something waits. */
export interface Wait {
  readonly reason: string;
  readonly since: number;
  /** Null: none. */
  readonly deadline: number | null;
}

export interface AgentEvent {
  /** Position in the agent's outbox; grows by one. */
  readonly sequence: number;
  readonly at: number;
  readonly application: string;
  readonly release: string;
  readonly traceparent: string | null;
  readonly detail: EventDetail;
}

export type EventDetail =
  | { readonly type: 'drift'; readonly drift: Drift; readonly outcome: DriftOutcome }
  | {
      readonly type: 'applied';
      readonly bundle: string;
      readonly created: number;
      readonly changed: number;
      readonly unchanged: number;
      readonly pruned: number;
      readonly milliseconds: number;
    }
  | {
      readonly type: 'failed';
      readonly bundle: string;
      readonly code: string;
      readonly message: string;
      readonly problems: readonly ObjectProblem[];
    }
  | { readonly type: 'pruned'; readonly objects: readonly ObjectRef[] };

export const driftOutcomes = ['found', 'corrected', 'gone', 'fought'] as const;
export type DriftOutcome = (typeof driftOutcomes)[number];

/** Digest of one application's status; what the hub stores beside it. */
export function statusDigest(status: ApplicationStatus): Digest {
  const { traceparent: _, ...content } = status;
  return digestOf(canonicalJson(content));
}

/** Digest over all statuses of a cluster, from their own digests (L2). */
export function statusesDigest(digests: Iterable<readonly [application: string, digest: string]>): Digest {
  const lines = [...digests].map(([application, digest]) => `${application} ${digest}\n`).sort();
  return digestOf(lines.join(''));
}
