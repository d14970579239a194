import type { Assignment } from './assignment.ts';
import type { AgentEvent, ApplicationStatus } from './status.ts';

/**
 * What agent and hub say to each other, whatever carries it. `proto/convert.ts` gives these words their bytes.
 * `unknown` is what a newer peer says and this version does not know: it is passed over (L6).
 */
export type AgentMessage = Hello | StatusReport | EventReport | BundleRequest | Checkpoint | UnknownMessage;

export type HubMessage =
  | Welcome
  | DesiredPart
  | BundleChunk
  | BundleRefused
  | Receipt
  | Checkpoint
  | StatusWanted
  | Goodbye
  | UnknownMessage;

export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  readonly agentVersion: string;
  readonly kubernetesVersion: string;
  /** Digest of the desired state that the agent holds; empty where it holds none. */
  readonly desired: string;
  /** Digest over the statuses of all its applications. */
  readonly status: string;
  /** A random name of the agent's event numbering; a new one where that was lost. */
  readonly epoch: string;
  readonly eventsDropped: number;
}

export interface Welcome {
  readonly type: 'welcome';
  readonly protocol: number;
  readonly hubVersion: string;
  /** The last event of the agent's epoch that the hub has stored; 0 where none. */
  readonly eventsStored: number;
  readonly checkpointSeconds: number;
}

/** One part of an update of the desired state; it holds once the `last` part came and the digest is right. */
export interface DesiredPart {
  readonly type: 'desired';
  /** Digest that the change starts from; empty: it replaces everything. */
  readonly base: string;
  /** Digest of the result. */
  readonly digest: string;
  readonly assigned: readonly Assignment[];
  readonly withdrawn: readonly string[];
  readonly last: boolean;
}

interface BundleRequest {
  readonly type: 'bundle-request';
  readonly digest: string;
}

export interface BundleChunk {
  readonly type: 'bundle-chunk';
  readonly digest: string;
  /** Of the whole bundle, in bytes. */
  readonly size: number;
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface BundleRefused {
  readonly type: 'bundle-refused';
  readonly digest: string;
  readonly code: string;
  readonly reason: string;
}

export interface StatusReport {
  readonly type: 'status';
  /** Grows with each report of a stream; receipts name it. */
  readonly sequence: number;
  readonly applications: readonly ApplicationStatus[];
  /** On every message of a full report. */
  readonly full: boolean;
  /** On the last message of a full report: what was not named in it is no longer held. */
  readonly complete: boolean;
}

export interface EventReport {
  readonly type: 'events';
  readonly events: readonly AgentEvent[];
  /** The event that was sent before these: where it did not arrive, these come too early (L2). */
  readonly after: number;
  /** The highest sequence in the message, events of unknown kinds included. */
  readonly through: number;
}

interface Receipt {
  readonly type: 'receipt';
  /** The last status report, and the last event, that are stored; 0: none yet. */
  readonly status: number;
  readonly events: number;
}

/** "This is my whole state, by digest" (L2). An empty text says nothing of that side. */
interface Checkpoint {
  readonly type: 'checkpoint';
  readonly desired: string;
  readonly status: string;
}

interface StatusWanted {
  readonly type: 'status-wanted';
}

export interface Goodbye {
  readonly type: 'goodbye';
  readonly code: string;
  readonly reason: string;
  /** Milliseconds; 0: as the agent likes. */
  readonly retryAfter: number;
}

interface UnknownMessage {
  readonly type: 'unknown';
}
