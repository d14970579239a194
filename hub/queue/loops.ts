import type { Logger } from 'pino';
import type { About, OpenSpan } from '../../telemetry/spans.ts';

/**
 * Level-triggered loops: a key wakes one, which then reads the whole world, decides and applies. Commits,
 * messages and timers only say "look again", so any wake may be lost: the sweep finds it (R9).
 */
export interface Loops {
  /** Before `start`. */
  define(loop: Loop): void;
  /**
   * Asks for a run of a key. Wakes of one key before it runs become one run; a wake while it runs becomes one run
   * after it. Call it after the commit of what it is about.
   * @param delay milliseconds
   */
  wake(loop: LoopName, key: string, delay?: number): Promise<void>;
  start(): Promise<void>;
  /** Resolves where the queue answers. @throws whatever keeps it from answering */
  answers(): Promise<void>;
  /** Lets what runs finish, for at most `grace` milliseconds. */
  stop(grace?: number): Promise<void>;
}

/** In the order in which a change flows: Git → releases → pins → waves → placements; and what checks the whole fleet. */
export const loopNames = ['source', 'release', 'promotion', 'rollout', 'placement', 'check', 'notification'] as const;
export type LoopName = (typeof loopNames)[number];

export interface Loop {
  readonly name: LoopName;
  /** How many keys run at once in this process. One key never runs twice at once in one process; across processes a write is fenced by what it read. */
  readonly concurrency: number;
  /**
   * @returns when to look again, in milliseconds, where waiting alone would change something.
   * A throw is retried with backoff; a FairwayError with `retry: 'terminal'` is logged and not retried until woken.
   */
  reconcile(key: string, context: LoopContext): Promise<{ readonly again: number } | undefined>;
  /** Every key there is; the sweep wakes each of them every 30 s. */
  keys(): Promise<readonly string[]>;
}

export interface LoopContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
  /**
   * Opens a span of this run, since when it began, for a change that it has found: a run that finds nothing to do
   * leaves none. The run ends it, in success or failure, and its log lines name the first of them.
   */
  span(name: string, about: Omit<About, 'since'>): OpenSpan;
}
