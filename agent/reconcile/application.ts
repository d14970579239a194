import type { Inventory } from '../../core/apply/inventory.ts';
import type { OpenedBundle } from '../../core/bundle.ts';
import type { Assignment } from '../../core/link/assignment.ts';
import type { ObjectProblem, Wait } from '../../core/link/status.ts';
import type { ObjectRef } from '../../core/objects/object.ts';
import type { Fights } from '../drift/fights.ts';
import type { StandingDrifts } from '../drift/standing.ts';
import type { HookTarget, Target } from './resolve.ts';
import type { Verdict } from './validate.ts';

/** One assigned application: what it is to run, what is enforced meanwhile, and how far that is. */
export interface Application {
  readonly name: string;
  /** The latest word of the hub. */
  assignment: Assignment;
  /** Of the last span on the assignment's way: what came with it, then that of applying it. */
  traceparent: string | null;
  /** What is to be enforced: of an older assignment for as long as the newer one's bundle is on its way. */
  active: Active | null;
  /** What was last applied whole, for as long as nothing of a newer bundle could be written. */
  lastGood: Active | null;
  /** What that wants; empty after a restart. */
  lastTargets: ReadonlyMap<string, Target>;
  /** What the targets are of: the active bundle, or the last good one while that is kept in its place. */
  enforced: Active | null;
  inventory: Inventory | null;
  targets: ReadonlyMap<string, Target>;
  hooks: readonly HookTarget[];
  /** The bundle that the targets are of, once each of them has its place and while all goes well; else null. */
  resolved: OpenedBundle | null;
  run: Run | null;
  state: ApplicationState;
  /** What it has waited for since when, also once that has become a failure. */
  waited: { readonly for: string; readonly since: number } | null;
  readonly drifts: StandingDrifts;
  readonly fights: Fights;
  /** Uids of what was deleted, until that is seen to be gone: an answer is quicker than the watch. */
  readonly deleted: Set<string>;
  /** Since when the bundle of its assignment is to be had, whatever came of asking for it; null: it is here. */
  bundleMissingSince: number | null;
  /** Failures in a row. */
  failures: number;
  /** When everything is read and compared anew; milliseconds since the epoch. */
  compareAt: number;
  /** Ends the pass under way, and the fetch, when the assignment is replaced or withdrawn. */
  cancel: AbortController;
}

export interface Active {
  readonly assignment: Assignment;
  readonly bundle: OpenedBundle;
}

/** Where an application stands; each state holds only what it needs. */
export type ApplicationState =
  | { readonly state: 'pending' }
  | { readonly state: 'fetching'; readonly wait: Wait }
  | { readonly state: 'applying'; readonly wait: Wait | null }
  | { readonly state: 'applied'; readonly notes: readonly ObjectProblem[]; readonly wait: Wait | null }
  | {
      readonly state: 'failed';
      readonly code: string;
      readonly message: string;
      readonly problems: readonly ObjectProblem[];
      readonly wait: Wait | null;
    };

/** What the way to one bundle has written so far, over all the passes that it takes. */
export interface Run {
  readonly bundle: string;
  readonly startedAt: number;
  readonly created: Set<string>;
  readonly changed: Set<string>;
  readonly pruned: ObjectRef[];
  /** What dry runs have said, by object: it holds for as long as what it was said of. */
  readonly verdicts: Map<string, { readonly of: string; readonly verdict: Verdict }>;
  /** The last lines of hooks that have failed, by the uid of their Jobs. */
  readonly logs: Map<string, string>;
}

/** How one pass over an application ended. `again`: it has written what lets the next one, at once, see further. */
export type PassResult =
  | {
      readonly result: 'applied';
      readonly notes: readonly ObjectProblem[];
      /** When to look again though nothing happens, in milliseconds; null: never. */
      readonly retryIn: number | null;
    }
  /** Something has to happen first; an event, or the time given, starts the next pass. */
  | {
      readonly result: 'waiting';
      /** What it waits for, in the same words each time; the reason may tell of progress. */
      readonly for: string;
      readonly reason: string;
      /** Milliseconds from the start of the wait until it counts as a failure; null: it never does. */
      readonly patience: number | null;
      readonly retryIn: number | null;
    }
  | {
      readonly result: 'failed';
      readonly code: string;
      readonly message: string;
      readonly problems: readonly ObjectProblem[];
      /** Milliseconds; null: as the back-off says. */
      readonly retryIn: number | null;
    }
  /** The last good bundle was kept; that the active one has failed, and when it is tried again, stays as it is. */
  | { readonly result: 'kept'; readonly retryIn: number | null };

/** True where the application's bundle was applied whole, and only has to be kept so. */
export function isRolledOut(inventory: Inventory, { assignment }: Active): boolean {
  return inventory.settled && inventory.running?.bundle === assignment.bundle;
}

/** A failure because of objects, told by the first of them and how many there are. */
export function failedBy(problems: readonly ObjectProblem[]): PassResult {
  const [first] = problems;
  const more = problems.length - 1;
  const message = `${first?.message ?? 'failed'}${more > 0 ? ` (and ${more} more)` : ''}`;
  const codes = new Set(problems.map(({ code }) => code));
  const retryIn = Math.max(0, ...[...codes].map((code) => soon[code] ?? Number.NaN));
  return {
    result: 'failed',
    code: first?.code ?? 'failed',
    message,
    problems,
    retryIn: Number.isNaN(retryIn) ? null : retryIn,
  };
}

/** Milliseconds until another try, where people or other applications are likely to mend it outside the bundle. */
const soon: Readonly<Record<string, number>> = { 'namespace-missing': 2_000, 'not-served': 2_000, forbidden: 10_000 };
