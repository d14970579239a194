import type { Wait } from '../link/status.ts';
import type { MoveKind } from '../promotion/types.ts';

/** A rollout: the journey of one release, or of a removal, over the clusters of an environment. All times in milliseconds. */

/** How it goes, as the environment said when it began. Later edits do not bend it (R1). */
export interface Strategy {
  /** At least one; the last takes who is in no other, and who joins. */
  readonly waves: readonly WaveRule[];
  /** False: everything at once, and nothing waits for health. */
  readonly gated: boolean;
  /** Most clusters of the environment that may be unavailable at once because of rollouts; null: no bound (R3). */
  readonly maxUnavailable: number | null;
  /** It stops at this many failed clusters (R6). */
  readonly failureThreshold: number;
  /** A cluster that is not healthy so long after it was handed the release has failed (R5). */
  readonly progressDeadline: number;
  readonly onFailure: 'pause' | 'rollback';
  readonly unreachable: UnreachablePolicy;
  /** The windows that the start of each wave waits for (P4). */
  readonly windows: readonly string[];
}

/** What becomes of a cluster that cannot be reached (R8). */
export type UnreachablePolicy = 'skip' | 'wait' | 'fail';

export interface WaveRule {
  readonly name: string;
  /** Null: as many at once as the budget allows. */
  readonly maxConcurrent: number | null;
  /** How long all of it is to be healthy before the next one starts. */
  readonly soak: number;
  /** A person opens it. */
  readonly approval: boolean;
}

export interface Rollout {
  readonly kind: MoveKind;
  readonly strategy: Strategy;
  /** Of a removal: the one that is taken away. */
  readonly release: string;
  /** What a rollback returns to; null: nothing was settled before. */
  readonly previous: string | null;
  readonly progress: Progress;
  /** What it waits for; null: it has ended, or nobody has looked yet. */
  readonly wait: RolloutWait | null;
  /** The position of the wave under way. */
  readonly wave: number;
  /** As many as the strategy has. */
  readonly waves: readonly Wave[];
  /** By cluster. */
  readonly members: ReadonlyMap<string, Member>;
  /** How often it was decided on; a write on an older one is refused (R9, R11). */
  readonly generation: number;
}

export type Progress =
  | { readonly state: 'running'; readonly since: number }
  /** By a person, or by the `hub` where failures did it. */
  | { readonly state: 'paused'; readonly since: number; readonly by: string; readonly reason: string }
  /** By a person, or by the `hub` where failures did it: the hold that follows names them (R6). */
  | {
      readonly state: 'rolling-back' | 'rolled-back';
      readonly since: number;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly state: Exclude<EndState, 'rolled-back'>; readonly since: number; readonly reason: string | null };

export const endStates = ['completed', 'rolled-back', 'aborted', 'superseded'] as const;
export type EndState = (typeof endStates)[number];
export type ProgressState = Progress['state'];

export interface Wave {
  readonly progress: WaveProgress;
  readonly approval: { readonly by: string; readonly at: number } | null;
}

export type WaveProgress =
  | { readonly state: 'pending' }
  /** Its turn came and its gate is shut: `Rollout.wait` says why. */
  | { readonly state: 'waiting' }
  | { readonly state: 'rolling'; readonly startedAt: number }
  /** Every cluster is healthy or excused, since `healthySince` without a break (R4). */
  | { readonly state: 'soaking'; readonly startedAt: number; readonly healthySince: number }
  | { readonly state: 'done'; readonly startedAt: number | null; readonly endedAt: number };

export type WaveState = WaveProgress['state'];

/** One cluster of it. */
export type Member = MemberBase & MemberProgress;

interface MemberBase {
  readonly wave: number;
  /** Ill or silent when it came in: it takes none of the budget (R3). */
  readonly illBefore: boolean;
  readonly since: number;
  readonly reason: string | null;
  /** How often it was tried again by a person's word. */
  readonly attempts: number;
}

/** Each state holds what it alone has. */
export type MemberProgress =
  /** Its wave has not come. */
  | { readonly state: 'pending' }
  /** Its wave has come; it waits for a place in the budget, for what it depends on, or for its agent. */
  | { readonly state: 'due'; readonly deadline: number | null }
  /** Its deadline is to be healthy by then; until the queue has come to it, when it is asked for once more. */
  | { readonly state: 'updating'; readonly turn: Turn; readonly deadline: number }
  | { readonly state: 'healthy'; readonly turn: Turn }
  /** It was healthy on its bundle, and is not any more. */
  | { readonly state: 'ill'; readonly turn: Turn; readonly deadline: number }
  | { readonly state: 'failed'; readonly turn: Turn | null }
  /** Excused: by policy, a cordon, or a person. It catches up once the release is settled. */
  | { readonly state: 'skipped'; readonly turn: Turn | null }
  /** No member of the environment any more. */
  | { readonly state: 'left'; readonly turn: Turn | null }
  /** Given back what was settled, and not well on it yet. */
  | { readonly state: 'returning'; readonly turn: Turn; readonly deadline: number }
  | { readonly state: 'returned'; readonly turn: Turn };
export type MemberState = MemberProgress['state'];

/** The moment at which a cluster's turn came. */
export interface Turn {
  readonly at: number;
  /** The generation that decided so. */
  readonly generation: number;
  /** From then on its placement follows the rollout; null: the queue has not come to it yet. */
  readonly handedOutAt: number | null;
  /** It was given back what was settled (R6). */
  readonly back: boolean;
}

/** What a rollout waits for. Its deadline is null only where a person has to do something (R5). */
export interface RolloutWait extends Wait {
  readonly on: WaitReason;
}

export const waitReasons = [
  'approval', // of the next wave
  'window', // it is closed (P4)
  'drift', // it stands in an environment that holds for it
  'progress', // clusters are being updated
  'budget', // others take it (R3)
  'dependency', // what a cluster needs is not healthy there (R12)
  'unreachable', // an agent that is waited for (R8)
  'soak',
  'pause', // a person resumes, retries or aborts
  'return', // clusters go back to what was settled
] as const;
type WaitReason = (typeof waitReasons)[number];

/** What is seen of the world, at one moment. */
export interface Observed {
  /** Null: the environment is declared no more. */
  readonly members: ReadonlyMap<string, Facts> | null;
  /** Clusters of the environment that its other active rollouts make unavailable (R3). */
  readonly elsewhere: ReadonlySet<string>;
  /** Null: nothing keeps a wave from starting (P4). */
  readonly closedWindow: { readonly reason: string; readonly opens: number | null } | null;
  /** Drift that stands where the environment holds for it; null: none, or it does not. */
  readonly drift: string | null;
}

/** One cluster that is a member of the environment now. */
export interface Facts {
  readonly cordoned: boolean;
  /** When it counts as not reachable, unless its agent comes back before; null: it is connected. */
  readonly silentAt: number | null;
  /** What it depends on and is not healthy there, in words; null: nothing (R12). */
  readonly blocked: string | null;
  /** What it runs of the application; null: nothing is placed there. */
  readonly placement: PlacementFacts | null;
}

export interface PlacementFacts {
  /** What it is to run; with `removal`, what it is to run no more. */
  readonly release: string;
  readonly removal: boolean;
  /** The agent has reported on exactly that, and that it is applied whole. */
  readonly applied: boolean;
  /** Healthy, where `applied`. */
  readonly well: boolean;
  /** It cannot be applied, or is degraded. */
  readonly ill: boolean;
  /** What the agent says of it. */
  readonly message: string | null;
}

/** What is to be done, beside writing the state down. */
export type Effect =
  /** Clusters whose turn came: the queue hands them out, so many a second. */
  | { readonly type: 'hand-out'; readonly generation: number; readonly clusters: readonly string[] }
  /** Placements have changed without the queue: all at once, or back. */
  | { readonly type: 'place' }
  /** The release is settled in the environment; of a removal: nothing is any more. */
  | { readonly type: 'settle' }
  /** The promotion that it belongs to looks how it ended. */
  | { readonly type: 'report' }
  /** Other rollouts of the environment may have waited for the budget that is free now. */
  | { readonly type: 'free' };

export interface Decision {
  readonly state: Rollout;
  readonly effects: readonly Effect[];
  /** When to look again though nothing is heard; null: waiting alone changes nothing. */
  readonly wakeAt: number | null;
}
