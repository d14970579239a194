import type { Wait } from '../status.ts';

/** What a promotion or a rollout does to an environment's application. */
export type MoveKind = 'release' | 'removal' | 'rollback';

/**
 * Who asked: a person over REST, the environment's `mode: auto`, a pin that the hub did not sign (P6), the head of the
 * source where the environment has no pin, or a rollout that rolled back and has its pin restored (R6).
 */
export type PromotionOrigin = 'request' | 'auto' | 'pin' | 'head' | 'rollback';

/** In the order of a good journey; from `settled` on it has ended. */
export const promotionStates = [
  'waiting', // for its gates
  'pinning', // its gates are met, its commit is recorded and on its way
  'pinned', // the commit stands in Git; the hub has not read it back yet
  'rolling-out',
  'settled',
  'rolled-back',
  'rejected',
  'aborted',
  'superseded',
  'failed',
] as const;
export type PromotionState = (typeof promotionStates)[number];

/** A gate of an environment: eligibility and soak (P1), approvals (P2, P3), checks and windows (P4), holds (P5). */
export type Gate = 'hold' | 'eligibility' | 'soak' | 'check' | 'approval' | 'window' | 'rollout';

/** A gate that is not met, and why; a program can tell waiting from refused. */
export interface GateWait extends Wait {
  readonly gate: Gate;
  /** What exactly: the check's, the window's or the environment's name; null where there is one of its kind. */
  readonly name: string | null;
}

/** Neither pass nor fail is `inconclusive`: it pauses for a person (P7). */
export type CheckVerdict = 'pass' | 'fail' | 'inconclusive';
