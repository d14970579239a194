import type { Wait } from '../link/status.ts';

/** What a promotion or a rollout does to an environment's application. */
export type MoveKind = 'release' | 'removal' | 'rollback';

/**
 * Who asked: a person over REST, the environment's `mode: auto`, a pin that the hub did not sign (P6), the head of the
 * source where the environment has no pin, or a rollout that rolled back and has its pin restored (R6).
 */
export type PromotionOrigin = 'request' | 'auto' | 'pin' | 'head' | 'rollback';

/** In the order of a good journey; from `settled` on it has ended. A rollback's clusters return before its pin does. */
export const promotionStates = [
  'waiting', // for its gates
  'pinning', // its gates are met, its commit is recorded and on its way
  'pinned', // the commit stands in Git; the hub has not read it back yet, or its set's dependencies come first
  'rolling-out',
  'settled',
  'rolled-back',
  'rejected',
  'aborted',
  'superseded',
  'failed',
] as const;
export type PromotionState = (typeof promotionStates)[number];

/** What a promotion can wait at, in the order in which they are told. */
export const gates = [
  'plan', // its release, or its plan, cannot be made yet
  'eligibility', // it is not settled and healthy where it comes from (P1)
  'soak', // it is, and not for long enough (P1)
  'check', // a verdict is missing, or inconclusive (P4, P7)
  'approval', // (P2, P3)
  'hold', // the pin is held (P5)
  'window', // closed (P4)
  'rollout', // another one is under way in the environment (R2, P5)
  'set', // others of its set have gates that are not met (G10)
  'push', // the Git host does not take the commit: it is away, or a person has to merge
  'dependency', // what it depends on is not placed there, or, of its set, is not settled (R12)
] as const;
export type Gate = (typeof gates)[number];

/** Those that whoever may override can open by force, with a reason. */
export const overridableGates = ['eligibility', 'soak', 'check', 'approval', 'hold', 'window', 'rollout'] as const;
export type OverridableGate = (typeof overridableGates)[number];

/** A gate that is not met, and why; a program can tell waiting from refused. */
export interface GateWait extends Wait {
  readonly gate: Gate;
  /** What exactly: the check's, the window's, the environment's or the application's name; null where there is one of its kind. */
  readonly name: string | null;
}

/** Neither pass nor fail is `inconclusive`: it pauses for a person (P7). */
export type CheckVerdict = 'pass' | 'fail' | 'inconclusive';
