import type { Logger } from 'pino';
import type { Spans } from '../../telemetry/spans.ts';
import type { DesiredIndex } from '../drift/desired-index.ts';
import type { Observer } from '../drift/observer.ts';
import type { Kube } from '../kube/port.ts';
import type { AgentMetrics } from '../metrics.ts';
import type { InventoryStore } from './inventory-store.ts';
import type { Reporter } from './ports.ts';

/** What every step of a reconciliation works with. */
export interface Context {
  readonly kube: Kube;
  readonly observer: Observer;
  readonly index: DesiredIndex;
  readonly inventories: InventoryStore;
  readonly reporter: Reporter;
  /** Another application whose bundle has not been looked at yet: what leaves one may be on its way to it (A12). */
  readonly arriving: (application: string) => string | null;
  /** False while what is desired may be what an earlier life of this agent was told, and ended by. */
  readonly hasSpoken: () => boolean;
  /** Aborts when the engine stops. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
  readonly spans: Spans;
  readonly metrics: Pick<AgentMetrics, 'applied'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Requests of one application under way at a time. */
  readonly requests: number;
}
