import type { GateWait, MoveKind, PromotionOrigin, PromotionState } from './types.ts';

/** What is to happen next with one promotion, or one pin. Each is small: once written, the world is looked at again. */
export type PromotionStep =
  | OpenStep
  /** Its commit has become a release. */
  | { readonly type: 'identify'; readonly promotion: number; readonly release: string }
  /** What it waits for has changed; approvals that are void (P2). */
  | {
      readonly type: 'wait';
      readonly promotion: number;
      readonly waits: readonly GateWait[];
      /** Of the plan that people see from now on. */
      readonly planDigest: string | null;
      readonly voided: readonly { readonly id: number; readonly reason: string }[];
    }
  /** Its gates are met: its commit is to be made, with those of its set (G10). */
  | { readonly type: 'pin'; readonly promotions: readonly number[] }
  /** Gates that were met are met no more: its commit, with those of its set, goes no further before they are again. */
  | { readonly type: 'recall'; readonly promotions: readonly number[] }
  /** Git says what it was to say (G1); the pin is this promotion's. */
  | { readonly type: 'admit'; readonly promotion: number; readonly environment: string }
  /** The pin says what is in force, or under way, already; or what waits at its gates. */
  | { readonly type: 'answer'; readonly environment: string; readonly promotion: number }
  /** @property supersedes the promotion whose rollout it replaces (R2) */
  | { readonly type: 'roll-out'; readonly promotion: number; readonly supersedes: number | null }
  | { readonly type: 'end'; readonly promotion: number; readonly state: EndState; readonly reason: string | null }
  /** Something has to be looked at before the next decision: its plan and its authors, or the pin's signature. */
  | { readonly type: 'look-at-plan'; readonly promotion: number }
  | { readonly type: 'look-at-pin'; readonly environment: string };

type EndState = Exclude<PromotionState, 'waiting' | 'pinning' | 'pinned' | 'rolling-out'>;

export interface OpenStep {
  readonly type: 'open';
  readonly environment: string;
  readonly kind: MoveKind;
  readonly origin: PromotionOrigin;
  /** `pinning`: it needs no gate. `pinned`: Git says so already, by the hub's own signature. */
  readonly state: 'waiting' | 'pinning' | 'pinned';
  readonly release: string | null;
  readonly target: { readonly source: string; readonly revision: string } | null;
  /** As the ledger names them. */
  readonly requestedBy: string;
  readonly reason: string | null;
}

export interface PromotionDecision {
  readonly steps: readonly PromotionStep[];
  /** When waiting alone changes something, in milliseconds since the epoch; null: never. */
  readonly wakeAt: number | null;
}
