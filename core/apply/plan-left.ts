import { describeRef, type ObjectRef, refKey } from '../objects/object.ts';
import type { HookJob } from './hooks.ts';
import { inPruneOrder } from './order.ts';
import type { PlanInput, Planned } from './plan.ts';
import { refusalOf } from './tenancy.ts';

type Left = Planned<'prune' | 'protect' | 'leaving' | 'forget' | 'hold'>;

/** Below this many objects, "more than half" is everyday: a renamed ConfigMap is half of a small application. */
const smallestGuarded = 3;

/** What the inventory lists and the bundle no longer has, in the order in which it is deleted (A6, A7). */
export function planLeft(input: PlanInput): readonly Left[] {
  const { wanted, inventory, hooks } = input;
  const wantedKeys = new Set(wanted.map(({ key }) => key));
  const left = inventory.refs
    .filter((ref) => !wantedKeys.has(refKey(ref)))
    .map((ref) => ({ ref, live: input.live(ref) }));
  const standing = new Set(left.length === 0 ? [] : wanted.map(({ ref }) => input.live(ref)?.uid));
  const entries = inPruneOrder(left)
    .flat()
    .map(({ ref }) => planOne(ref, input, standing));
  const held = new Set(inventory.held);
  const prunes = entries.filter(({ action, ref }) => action === 'prune' && !held.has(refKey(ref)));
  const before = inventory.refs.filter((ref) => !held.has(refKey(ref))).length;
  const reason = input.pruneApproved ? null : holdReason(prunes.length, before, wanted.length);
  const isHeld = (entry: Left) =>
    entry.action === 'prune' && !input.pruneApproved && (reason !== null || held.has(refKey(entry.ref)));
  const known = new Set(hooks.map(({ name }) => name));
  // By its own name too: that of its hook is not to be had from a Job that was found, where it had to be shortened.
  const current = new Set(hooks.map((hook) => hook.wanted.key));
  const isGone = ({ hook, ref }: HookJob) => !known.has(hook) && !current.has(refKey(ref));
  const jobs = inventory.jobs.filter(isGone).flatMap((job) => planJob(job, input));
  const guarded = entries.map((entry) =>
    isHeld(entry)
      ? ({ action: 'hold', ref: entry.ref, reason: reason ?? 'its deletion waits for a person' } as const)
      : entry,
  );
  return [...jobs, ...guarded.map((entry) => (entry.action === 'prune' ? sheltering(entry, guarded, input) : entry))];
}

/** A namespace goes with all that is in it: it stays for what the bundle has there, and for what left and stays (A7). */
function sheltering(entry: Planned<'prune'>, left: readonly Left[], { wanted, hooks, live }: PlanInput): Left {
  const { ref } = entry;
  if (ref.group !== '' || ref.kind !== 'Namespace') return entry;
  const isInside = ({ namespace }: ObjectRef) => namespace === ref.name;
  const own = [...wanted, ...hooks.map((hook) => hook.wanted)].find((item) => isInside(item.ref));
  if (own !== undefined)
    return { action: 'protect', ref, reason: `it holds ${describeRef(own.ref)}, which the bundle has` };
  // What has moved to another application a moment ago is forgotten here, and stays there (A12).
  const stays = ({ action, ref: other }: Left) =>
    action === 'hold' || action === 'protect' || (action === 'forget' && live(other)?.owner != null);
  const staying = left.find((other) => isInside(other.ref) && stays(other));
  if (staying === undefined) return entry;
  return { action: 'protect', ref, reason: `it holds ${describeRef(staying.ref)}, which stays` };
}

/** @param standing uids of what is wanted: one object may be served by two groups */
function planOne(
  ref: ObjectRef,
  { live: find, application, heirOf, holding, bounds }: PlanInput,
  standing: ReadonlySet<string | undefined>,
): Left {
  const live = find(ref);
  if (live === undefined) return { action: 'forget', ref, reason: 'it is gone' };
  if (standing.has(live.uid)) return { action: 'forget', ref, reason: 'the bundle wants it through another group' };
  if (live.owner !== application)
    return { action: 'forget', ref, reason: `its label names ${live.owner ?? 'no application'}` };
  if (live.deleting) return { action: 'leaving', ref, reason: live.health.reason };
  const heir = heirOf(ref);
  if (heir !== null) return { action: 'protect', ref, reason: `application ${heir} takes it over` };
  if (live.keep) return { action: 'protect', ref, reason: 'it is marked fairway.dev/prune: never' };
  const outside = refusalOf(ref, bounds);
  if (outside !== null) return { action: 'protect', ref, reason: outside };
  if (holdsData(ref)) return { action: 'protect', ref, reason: 'it holds data' };
  const state = holding.get(refKey(ref));
  if (state !== undefined) return { action: 'protect', ref, reason: state };
  return { action: 'prune', ref, live, reason: 'it is no longer in the bundle' };
}

/** The Jobs of a hook that the bundle no longer has. They are no part of what the guard counts. */
function planJob({ ref, deletion }: HookJob, { live: find, application }: PlanInput): readonly Left[] {
  const live = find(ref);
  if (live === undefined || live.owner !== application || live.deleting || deletion === 'never') return [];
  return [{ action: 'prune', ref, live, reason: 'its hook is no longer in the bundle' }];
}

/** True for the kinds whose objects hold data themselves (A7). */
export function holdsData({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return group === '' && (kind === 'PersistentVolume' || kind === 'PersistentVolumeClaim');
}

function holdReason(prunes: number, before: number, remaining: number): string | null {
  if (prunes === 0) return null;
  if (remaining === 0) return `the bundle is empty: deleting all ${prunes} objects waits for a person`;
  if (before < smallestGuarded || prunes * 2 <= before) return null;
  return `deleting ${prunes} of ${before} objects, more than half, waits for a person`;
}
