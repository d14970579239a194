import type { TenantBounds } from './assignment.ts';
import type { ConflictPolicy } from './bundle.ts';
import type { Wanted } from './desired.ts';
import type { Difference } from './diff.ts';
import { type Inventory, unexplained } from './inventory.ts';
import type { LiveRecord } from './live.ts';
import { isPersonsTool } from './managers.ts';
import { describeRef, type ObjectRef, refKey } from './object.ts';
import { inPruneOrder } from './order.ts';
import { refusals } from './tenancy.ts';

/** Everything that decides what is to be done with an application in its cluster. */
export interface PlanInput {
  readonly application: string;
  readonly wanted: readonly Wanted[];
  readonly inventory: Inventory;
  /** What stands in the cluster under a key (`refKey`), judged against what is wanted. */
  readonly live: (ref: ObjectRef) => LiveRecord | undefined;
  readonly conflicts: ConflictPolicy;
  readonly bounds: TenantBounds | null;
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
  | { readonly action: 'prune'; readonly ref: ObjectRef; readonly live: LiveRecord; readonly reason: string }
  /** It left the bundle, and waits for a person to let it be deleted (A6). */
  | { readonly action: 'hold'; readonly ref: ObjectRef; readonly reason: string }
  /** It left the bundle and holds state: it stays (A7). */
  | { readonly action: 'protect'; readonly ref: ObjectRef; readonly reason: string }
  /** It was deleted and is still on its way out. */
  | { readonly action: 'leaving'; readonly ref: ObjectRef; readonly reason: string }
  /** It is gone or somebody else's: the inventory forgets it. */
  | { readonly action: 'forget'; readonly ref: ObjectRef; readonly reason: string }
  /** It may not be applied, and nothing else of the bundle is either (A10, A12). */
  | { readonly action: 'refuse'; readonly ref: ObjectRef; readonly reason: string };

export type Action = PlanEntry['action'];
/** The entries of some actions. */
export type Planned<A extends Action> = Extract<PlanEntry, { action: A }>;

/** Below this many objects, "more than half" is everyday: a renamed ConfigMap is half of a small application. */
const smallestGuarded = 3;
/** The annotation by which an application takes an object over from another (A12). */
export const movedFromAnnotation = 'fairway.dev/moved-from';

/** Decides what is to be done with each object of a bundle and of the inventory. Writes nothing. */
export function plan(input: PlanInput): readonly PlanEntry[] {
  const refused = refusedObjects(input);
  if (refused.length > 0) return refused;
  return [...input.wanted.map((wanted) => planWanted(wanted, input)), ...planLeft(input)];
}

/** The entries of a plan that have one of the actions. */
export function entriesOf<A extends Action>(entries: readonly PlanEntry[], ...actions: A[]): readonly Planned<A>[] {
  return entries.filter((entry): entry is Planned<A> => (actions as Action[]).includes(entry.action));
}

function refusedObjects({ wanted, bounds, live, application }: PlanInput): readonly PlanEntry[] {
  const refuse = (ref: ObjectRef, reason: string): PlanEntry => ({ action: 'refuse', ref, reason });
  const outside =
    bounds === null
      ? []
      : refusals(
          wanted.map(({ ref }) => ref),
          bounds,
        );
  const others = wanted.flatMap(({ ref, object }) => {
    const record = live(ref);
    if (record?.owner == null || record.owner === application || !record.ownerConfirmed) return [];
    if (object.metadata.annotations?.[movedFromAnnotation] === record.owner) return [];
    return [
      refuse(
        ref,
        `${describeRef(ref)} is owned by application ${record.owner} and also in the bundle of ${application}: ` +
          `take it out of one of them, or declare the move with the annotation ${movedFromAnnotation}: ${record.owner}`,
      ),
    ];
  });
  return [...outside.map(({ ref, message }) => refuse(ref, `${describeRef(ref)}: ${message}`)), ...others];
}

function planWanted(wanted: Wanted, { live: find, inventory, conflicts, application }: PlanInput): PlanEntry {
  const live = find(wanted.ref);
  if (live === undefined) return { action: 'create', wanted, reason: 'it does not exist' };
  if (live.deleting) return { action: 'wait', wanted, live, reason: 'it is being deleted' };
  const differing = unexplained(inventory, wanted.key, wanted.digest, live.differences);
  const yielded = conflicts === 'yield' ? differing.filter(({ manager }) => !isPersonsTool(manager)) : [];
  const fields = differing.filter((difference) => !yielded.includes(difference));
  if (!live.applied || live.owner !== application) {
    const reason = live.applied
      ? 'its label does not name this application'
      : 'it exists, and was not applied by Fairway';
    return { action: 'takeOver', wanted, live, fields, yielded, reason };
  }
  if (fields.length > 0 || live.abandoned.length > 0)
    return { action: 'change', wanted, live, fields, yielded, reason: changeReason(fields, live.abandoned) };
  if (yielded.length > 0)
    return { action: 'conflict', wanted, live, yielded, reason: `${yielded[0]?.manager} has set ${pointers(yielded)}` };
  return { action: 'unchanged', wanted, live, reason: 'it equals the bundle' };
}

function changeReason(fields: readonly Difference[], abandoned: readonly string[]): string {
  if (fields.length === 0) return `the bundle no longer sets ${abandoned.slice(0, 3).join(', ')}`;
  return `${pointers(fields)} ${fields.length === 1 ? 'differs' : 'differ'}`;
}

function pointers(differences: readonly Difference[]): string {
  const shown = differences.slice(0, 3).map(({ pointer }) => pointer);
  const more = differences.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** What the inventory lists and the bundle no longer does, in the order in which it is deleted (A6, A7). */
function planLeft(input: PlanInput): readonly PlanEntry[] {
  const { wanted, inventory } = input;
  const wantedKeys = new Set(wanted.map(({ key }) => key));
  const left = inventory.refs.filter((ref) => !wantedKeys.has(refKey(ref)));
  const standing = new Set(wanted.map(({ ref }) => input.live(ref)?.uid));
  const entries = inPruneOrder(left).map((ref) => planLeaving(ref, input, standing));
  const held = new Set(inventory.held);
  const prunes = entries.filter(({ action, ref }) => action === 'prune' && !held.has(refKey(ref)));
  const before = inventory.refs.filter((ref) => !held.has(refKey(ref))).length;
  const reason = holdReason(prunes.length, before, wanted.length);
  return entries.map((entry) =>
    entry.action === 'prune' && (reason !== null || held.has(refKey(entry.ref)))
      ? { action: 'hold', ref: entry.ref, reason: reason ?? 'its deletion waits for a person' }
      : entry,
  );
}

type Leaving = Planned<'prune' | 'protect' | 'leaving' | 'forget' | 'hold'>;

/** @param standing uids of what is wanted: one object may be served by two groups */
function planLeaving(
  ref: ObjectRef,
  { live: find, application, holding }: PlanInput,
  standing: ReadonlySet<string | undefined>,
): Leaving {
  const live = find(ref);
  if (live === undefined) return { action: 'forget', ref, reason: 'it is gone' };
  if (standing.has(live.uid)) return { action: 'forget', ref, reason: 'the bundle wants it through another group' };
  if (live.owner !== application)
    return { action: 'forget', ref, reason: `its label names ${live.owner ?? 'no application'}` };
  if (live.deleting) return { action: 'leaving', ref, reason: 'it is being deleted' };
  if (live.keep) return { action: 'protect', ref, reason: 'it is marked fairway.dev/prune: never' };
  if (ref.group === '' && (ref.kind === 'PersistentVolume' || ref.kind === 'PersistentVolumeClaim'))
    return { action: 'protect', ref, reason: 'it holds data' };
  const state = holding.get(refKey(ref));
  if (state !== undefined) return { action: 'protect', ref, reason: state };
  return { action: 'prune', ref, live, reason: 'it is no longer in the bundle' };
}

function holdReason(prunes: number, before: number, remaining: number): string | null {
  if (prunes === 0) return null;
  if (remaining === 0) return `the bundle is empty: deleting all ${prunes} objects waits for a person`;
  if (before < smallestGuarded || prunes * 2 <= before) return null;
  return `deleting ${prunes} of ${before} objects, more than half, waits for a person`;
}
