import type { ConflictPolicy } from '../bundle.ts';
import type { Difference } from '../fields/diff.ts';
import { annotationOf, movedFromAnnotation } from '../objects/annotations.ts';
import { describeRef, type ObjectRef } from '../objects/object.ts';
import type { Wanted } from './desired.ts';
import { type Hook, type HookStep, planHook } from './hooks.ts';
import type { Inventory } from './inventory.ts';
import type { LiveRecord } from './live.ts';
import { planLeft } from './plan-left.ts';
import { planObject } from './plan-object.ts';
import { type Bounds, refusals } from './tenancy.ts';

/** Everything that decides what is to be done with an application in its cluster. */
export interface PlanInput {
  readonly application: string;
  /** Digest of what it is to run. */
  readonly bundle: string;
  readonly wanted: readonly Wanted[];
  readonly hooks: readonly Hook[];
  readonly inventory: Inventory;
  /** What stands in the cluster under a key (`refKey`), judged against what is wanted. */
  readonly live: (ref: ObjectRef) => LiveRecord | undefined;
  readonly conflicts: ConflictPolicy;
  readonly bounds: readonly Bounds[];
  /** A person has let this release delete what it no longer has (A6). */
  readonly pruneApproved: boolean;
  /** The application that takes an object over from this one, as its bundle declares (A12). */
  readonly heirOf: (ref: ObjectRef) => string | null;
  /** Another application of the cluster that had the object in its bundle first (A12). */
  readonly claimedBefore: (ref: ObjectRef) => string | null;
  /** Keys of objects that hold state found in the cluster, and which (A7). */
  readonly holding: ReadonlyMap<string, string>;
}

/** What is to be done with one object, and why, as a sentence. */
export type PlanEntry =
  | { readonly action: 'create'; readonly wanted: Wanted; readonly reason: string }
  | {
      readonly action: 'change' | 'takeOver';
      readonly wanted: Wanted;
      readonly live: LiveRecord;
      /** What differs and is written. */
      readonly fields: readonly Difference[];
      /** What differs and is left to the controller that set it (A4). */
      readonly yielded: readonly Difference[];
      readonly reason: string;
    }
  | {
      /** It is deleted and created anew, for the API server lets nobody change these fields (A8). */
      readonly action: 'replace';
      readonly wanted: Wanted;
      readonly live: LiveRecord;
      readonly fields: readonly Difference[];
      readonly reason: string;
    }
  | {
      /** Nothing but what another controller has set differs: it is reported and left (A4). */
      readonly action: 'conflict';
      readonly wanted: Wanted;
      readonly live: LiveRecord;
      readonly yielded: readonly Difference[];
      readonly reason: string;
    }
  | { readonly action: 'unchanged'; readonly wanted: Wanted; readonly live: LiveRecord; readonly reason: string }
  /** It is being deleted; what is wanted can be created once it is gone. */
  | { readonly action: 'wait'; readonly wanted: Wanted; readonly live: LiveRecord; readonly reason: string }
  /** A Job runs to its end, or has (A2). */
  | ({ readonly action: 'hook'; readonly hook: Hook } & HookStep)
  | { readonly action: 'prune'; readonly ref: ObjectRef; readonly live: LiveRecord; readonly reason: string }
  /** It left the bundle, and waits for a person to let it be deleted (A6). */
  | { readonly action: 'hold'; readonly ref: ObjectRef; readonly reason: string }
  /** It left the bundle, and holds state or lies out of reach: it stays (A7, A10). */
  | { readonly action: 'protect'; readonly ref: ObjectRef; readonly reason: string }
  /** It was deleted and is still on its way out. */
  | { readonly action: 'leaving'; readonly ref: ObjectRef; readonly reason: string }
  /** It is gone or somebody else's: the inventory forgets it. */
  | { readonly action: 'forget'; readonly ref: ObjectRef; readonly reason: string }
  /** It may not be applied, and nothing else of the bundle is either (A1, A10, A12). */
  | {
      readonly action: 'refuse';
      readonly ref: ObjectRef;
      /** Stable: `refused` by Fairway's own rules; else why the API server does. */
      readonly code: string;
      /** JSON pointer, where one field is to blame. */
      readonly field: string | null;
      readonly reason: string;
    };

export type Action = PlanEntry['action'];
/** The entries of some actions. */
export type Planned<A extends Action> = Extract<PlanEntry, { action: A }>;

/** Decides what is to be done with each object of a bundle and of the inventory. Writes nothing. */
export function plan(input: PlanInput): readonly PlanEntry[] {
  const refused = refusedObjects(input);
  if (refused.length > 0) return refused;
  const { wanted, hooks, inventory, bundle, live } = input;
  return [
    ...wanted.map((item) => planObject(item, live(item.ref), input)),
    ...hooks.map((hook) => ({ action: 'hook' as const, hook, ...planHook(hook, inventory, bundle, live) })),
    ...planLeft(input),
  ];
}

/** The entries of a plan that have one of the actions. */
export function entriesOf<A extends Action>(entries: readonly PlanEntry[], ...actions: A[]): readonly Planned<A>[] {
  return entries.filter((entry): entry is Planned<A> => (actions as Action[]).includes(entry.action));
}

function refusedObjects(input: PlanInput): readonly PlanEntry[] {
  const { wanted, hooks, bounds, application } = input;
  const refuse = (ref: ObjectRef, reason: string): PlanEntry => ({
    ...{ action: 'refuse', ref, code: 'refused', field: null, reason },
  });
  const all = [...wanted, ...hooks.map((hook) => hook.wanted)];
  const outside = refusals(
    all.map(({ ref }) => ref),
    bounds,
  );
  const others = all.flatMap(({ ref, object }) => {
    const other = otherOwner(ref, input);
    if (other === null || annotationOf(object, movedFromAnnotation) === other) return [];
    return [
      refuse(
        ref,
        `${describeRef(ref)} is owned by application ${other} and also in the bundle of ${application}: ` +
          `take it out of one of them, or declare the move with the annotation ${movedFromAnnotation}: ${other}`,
      ),
    ];
  });
  return [...outside.map(({ ref, message }) => refuse(ref, message)), ...others];
}

/** Whose an object is, where it is another's: as its label says, and while nobody has written it, who named it first. */
function otherOwner(ref: ObjectRef, { live, application, claimedBefore, heirOf }: PlanInput): string | null {
  const record = live(ref);
  if (record?.owner != null && record.ownerConfirmed) return record.owner === application ? null : record.owner;
  const first = claimedBefore(ref);
  return first === null || heirOf(ref) === first ? null : first;
}
