import type { EnvironmentSpec } from '../kinds/environment.ts';
import type { PinSpec } from '../kinds/pin.ts';
import type { CheckVerdict, GateWait, MoveKind, OverridableGate, PromotionOrigin, PromotionState } from './types.ts';
import type { NamedWindow } from './windows.ts';

/** All that decides the promotions of one application. Times are milliseconds since the epoch. */
export interface PromotionWorld {
  readonly application: string;
  /** It is no longer in Git. */
  readonly gone: boolean;
  /** The release of the head of its source; null: none yet. */
  readonly newest: string | null;
  /** By id: every release that the rest names. */
  readonly releases: ReadonlyMap<string, ReleaseFacts>;
  /** By name: all that are declared, for one that the application does not list hands on to its own `from` (P1). */
  readonly environments: ReadonlyMap<string, EnvironmentFacts>;
  /** Environments that nobody declares, and that promotions or a pin name all the same. */
  readonly undeclared: readonly UndeclaredEnvironment[];
}

export interface UndeclaredEnvironment {
  readonly environment: string;
  /** Those that have not ended. */
  readonly promotions: readonly number[];
  readonly isPinned: boolean;
}

export interface ReleaseFacts {
  readonly id: string;
  readonly source: string;
  readonly commit: string;
  /** Grows in the order in which the hub made them. */
  readonly sequence: number;
  /** Where it says that it is to run. */
  readonly environments: readonly string[];
  readonly dependsOn: readonly string[];
}

export interface EnvironmentFacts {
  readonly name: string;
  readonly rules: EnvironmentSpec['promotion'];
  /** Its rollouts go by waves that somebody declared. */
  readonly hasWaves: boolean;
  readonly hasClusters: boolean;
  /** The application is still on a cluster that it is no longer for; it may be for the others. */
  readonly isLeft: boolean;
  readonly windows: readonly NamedWindow[];
  readonly pin: PinFacts | null;
  /** Releases that one of its checks has failed, as of now. */
  readonly failed: ReadonlySet<string>;
  /** What settled here, the newest first; the one in force, if any, is the first. */
  readonly settlements: readonly SettlementFacts[];
  /** The one that is on its way to the pin. */
  readonly requested: RequestedPromotion | null;
  /** The one whose rollout is under way, or has just ended. */
  readonly rolling: RollingPromotion | null;
  /** Those that have ended, the newest first; however long ago, what automation does not try again and what wrote the pin. */
  readonly ended: readonly EndedPromotion[];
}

/** A pin as Git has it. */
export interface PinFacts {
  readonly spec: PinSpec;
  /** The commit at which it was read. */
  readonly commit: string;
  /** The release of its revision; null: that is none, or not yet. */
  readonly release: string | null;
  /** The promotion that answers for what it says; null: nobody has judged it yet (P6). */
  readonly promotion: number | null;
  /** Null: nobody has looked yet. */
  readonly change: PinChange | null;
}

/** Who changed a pin as it stands. */
export interface PinChange {
  /** The hub signed it, for a promotion that this database knows nothing of, as after a rebuild (P6, X3). */
  readonly isRestored: boolean;
  /** `user:ADDRESS`, by what its commit says; the hub, where it signed it. */
  readonly actor: string;
}

export interface SettlementFacts {
  readonly release: string;
  readonly inForce: boolean;
  readonly settledAt: number;
  /** Since when every cluster that runs it is well; null: one is not. Up to its end, where it is in force no more. */
  readonly healthySince: number | null;
  /** The longest that it was healthy without a break, in milliseconds; of one in force, before `healthySince`. */
  readonly soaked: number;
}

interface PromotionFacts {
  readonly id: number;
  readonly kind: MoveKind;
  readonly origin: PromotionOrigin;
  readonly release: string | null;
  readonly state: PromotionState;
}

export interface RequestedPromotion extends PromotionFacts {
  readonly state: 'waiting' | 'pinning' | 'pinned';
  /** Which source and commit its pin is to name; null: none, it takes the pin away. */
  readonly target: { readonly source: string; readonly revision: string } | null;
  /** The revision that the pin named when this was decided on; null: there was no pin (G10). */
  readonly pinBefore: string | null;
  readonly requestedBy: string;
  /** The e-mail address of whoever asked; null: not known. */
  readonly requesterAddress: string | null;
  readonly reason: string | null;
  readonly since: number;
  readonly waits: readonly GateWait[];
  /** Gates that a person has opened by force. */
  readonly overrides: readonly Exclude<OverridableGate, 'window'>[];
  /** Windows that a person has opened by force: those that were closed then, and no other (P4). */
  readonly openedWindows: ReadonlySet<string>;
  /** What its plan comes to now; null: nobody has looked. */
  readonly plan: PlanFacts | null;
  /** The plan that it was last shown with. */
  readonly planDigest: string | null;
  readonly approvals: readonly ApprovalFacts[];
  /** E-mail addresses of whoever wrote what is new in it; null: nobody has looked. */
  readonly authors: readonly string[] | null;
  /** The latest verdict of each name. */
  readonly checks: ReadonlyMap<string, CheckFacts>;
  /** Applications that its release depends on. */
  readonly dependsOn: readonly string[];
  /** Of those, by name, the clusters of the environment that have nothing of it; those that are cordoned aside. */
  readonly absent: ReadonlyMap<string, readonly string[]>;
  /** The others that go in one commit with it (G10). */
  readonly set: readonly SetMember[];
}

export type PlanFacts = { readonly digest: string } | { readonly failure: string };

export interface ApprovalFacts {
  readonly id: number;
  readonly actor: string;
  /** Their e-mail address; null: not known. */
  readonly address: string | null;
  readonly role: string;
  readonly planDigest: string;
}

export interface CheckFacts {
  readonly verdict: CheckVerdict;
  readonly detail: string | null;
  readonly at: number;
}

export interface SetMember {
  readonly promotion: number;
  readonly application: string;
  readonly state: PromotionState;
  /** It waits for nothing but the others of its set. */
  readonly ready: boolean;
}

export interface RollingPromotion extends PromotionFacts {
  readonly state: 'rolling-out';
  readonly rollout: RolloutFacts;
}

export interface RolloutFacts {
  readonly id: number;
  /** `stopped`: it failed, and goes on by nobody's word but a person's. */
  readonly state:
    | 'running'
    | 'paused'
    | 'stopped'
    | 'rolling-back'
    | 'completed'
    | 'rolled-back'
    | 'aborted'
    | 'superseded';
  readonly reason: string | null;
  /** What was settled when it began. */
  readonly previous: string | null;
  /** Who took it back: a person, or the hub; null: nobody. */
  readonly rolledBackBy: string | null;
}

export interface EndedPromotion extends PromotionFacts {
  readonly requestedBy: string;
  readonly reason: string | null;
  /** A person refused it. */
  readonly refused: boolean;
}
