import type { Wanted } from '../../core/apply/desired.ts';
import type { Inventory } from '../../core/apply/inventory.ts';
import type { LiveRecord } from '../../core/apply/live.ts';
import { entriesOf, type PlanEntry, type PlanInput, plan } from '../../core/apply/plan.ts';
import { planObject } from '../../core/apply/plan-object.ts';
import { boundsOf } from '../../core/apply/tenancy.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { type ObjectRef, refKey } from '../../core/objects/object.ts';
import { scalesUnexpectedly } from '../drift/autoscaled.ts';
import type { Following, Observer } from '../drift/observer.ts';
import type { Resource } from '../kube/port.ts';
import type { Active, Application, PassResult } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { heldState } from './prune.ts';
import { type HookTarget, type Resolved, resolve, type Target } from './resolve.ts';

/** What an application finds in its cluster, and what that asks to be done. */
export interface Survey {
  readonly targets: ReadonlyMap<string, Target>;
  readonly hooks: readonly HookTarget[];
  readonly entries: readonly PlanEntry[];
  /** Objects of the bundle that have no place in this cluster. */
  readonly problems: readonly ObjectProblem[];
  /** What is to be done with an object of the bundle that was found to stand where nothing was seen. */
  readonly replan: (wanted: Wanted, live: LiveRecord) => PlanEntry;
  /** An application that had not been looked at when this was planned: it may take over what left the bundle (A12). */
  readonly arriving: string | null;
}

/** What the cluster is seen by. */
export type Eyes = Pick<Observer, 'find'>;

/** Above this many objects of a kind, one list is cheaper than a read of each. */
const listFrom = 8;

/**
 * Looks: where each object goes, what stands there, and what is to be done about it. Writes nothing. Answers a wait
 * where a kind is only just being read; nobody stands and waits for that.
 */
export async function survey(
  app: Application,
  active: Active,
  context: Context,
  signal: AbortSignal,
): Promise<Survey | PassResult> {
  const { observer, inventories } = context;
  const inventory = app.inventory ?? (await inventories.load(app.name));
  let resolved = await targetsOf(app, active, context, signal);
  app.inventory = inventory;
  app.enforced = active;
  const resources = await resourcesOf(resolved, inventory, context);
  signal.throwIfAborted();
  const unread = observer.followFor(app.name, resources);
  if (unread.length > 0) return stillReading(unread);
  await lookForUnseen(resolved, inventory, context);
  await judgeAnew(app.name, resolved.targets, context);
  if (scalesUnexpectedly(resolved.targets, observer)) {
    app.resolved = null;
    resolved = await targetsOf(app, active, context, signal);
    await judgeAnew(app.name, resolved.targets, context);
  }
  signal.throwIfAborted();
  const found = await surveyWith(app, active, resolved, inventory, eyesOf(app, observer), context);
  if (entriesOf(found.entries, 'leaving').length === 0) app.deleted.clear();
  return found;
}

/** The agent's own eyes, and what it knows to be on its way out though no watch has said so yet. */
function eyesOf({ deleted }: Application, observer: Observer): Eyes {
  return {
    find: (ref, resource) => {
      const record = observer.find(ref, resource);
      if (record === undefined || record.deleting || !deleted.has(record.uid)) return record;
      return { ...record, deleting: true, health: { health: 'progressing', reason: 'it is being deleted' } };
    },
  };
}

/** The plan, from what was found out by whatever eyes: the agent's own, or those of a dry run. */
export async function surveyWith(
  { name, assignment }: Pick<Application, 'name' | 'assignment'>,
  { bundle, assignment: { bundle: digest, pruneApproved } }: Active,
  { targets, hooks, problems }: Resolved,
  inventory: Inventory,
  eyes: Eyes,
  context: Pick<Context, 'kube' | 'index' | 'inventories' | 'arriving'>,
): Promise<Survey> {
  const hookJobs = new Map(hooks.map((target) => [target.wanted.key, target]));
  const input: PlanInput = {
    application: name,
    bundle: digest,
    wanted: [...targets.values()].map(({ wanted }) => wanted),
    hooks: hooks.map(({ hook }) => hook),
    inventory,
    live: (ref) => {
      const key = refKey(ref);
      return eyes.find(ref, (targets.get(key) ?? hookJobs.get(key))?.resource);
    },
    conflicts: bundle.conflicts,
    bounds: boundsOf(assignment),
    pruneApproved,
    heirOf: (ref) => context.index.heirOf(refKey(ref), name),
    claimedBefore: (ref) => context.index.claimedBefore(refKey(ref), name),
    holding: await heldState(name, leftOf(targets, inventory), context),
  };
  return {
    targets,
    hooks,
    problems,
    entries: plan(input),
    replan: (wanted, live) => planObject(wanted, live, input),
    arriving: context.arriving(name),
  };
}

/** Where each object goes: found out once for a bundle, and again for as long as anything is amiss. */
async function targetsOf(
  app: Application,
  active: Active,
  { kube, index }: Context,
  signal: AbortSignal,
): Promise<Resolved> {
  const { bundle } = active;
  if (app.resolved === bundle) return { targets: app.targets, hooks: app.hooks, problems: [] };
  const resolved = await resolve(kube, bundle, active.assignment.bundle);
  signal.throwIfAborted();
  const all = [...resolved.targets.values(), ...resolved.hooks];
  const complete = resolved.problems.length === 0 && all.every(({ served }) => served);
  app.targets = resolved.targets;
  app.hooks = resolved.hooks;
  app.resolved = complete ? bundle : null;
  const wanted = all.map((target) => target.wanted);
  index.set(app.name, wanted);
  if (active === app.active) index.announce(app.name, wanted);
  return resolved;
}

function leftOf(targets: ReadonlyMap<string, Target>, { refs, jobs }: Inventory): readonly ObjectRef[] {
  return [...refs, ...jobs.map(({ ref }) => ref)].filter((ref) => !targets.has(refKey(ref)));
}

/** Every kind that has something to do with the application and that the cluster serves. */
export async function resourcesOf(
  { targets, hooks }: Resolved,
  inventory: Inventory,
  { kube }: Pick<Context, 'kube'>,
): Promise<readonly Resource[]> {
  const byKind = new Map<string, Resource>();
  const resources = new Set<Resource>();
  for (const { resource, served } of [...targets.values(), ...hooks]) {
    if (!served) continue;
    byKind.set(`${resource.group}/${resource.kind}`, resource);
    resources.add(resource);
  }
  for (const { group, kind } of leftOf(targets, inventory)) {
    if (byKind.has(`${group}/${kind}`)) continue;
    const resource = await kube.resourceOf(group, kind);
    if (resource === null) continue;
    byKind.set(`${group}/${kind}`, resource);
    resources.add(resource);
  }
  return [...resources];
}

function stillReading(unread: readonly Following[]): PassResult {
  const failing = unread.find(({ error }) => error !== null);
  const names = unread.map(({ resource }) => resource.plural).join(', ');
  if (failing?.error?.code === 'forbidden') {
    const message = `the agent may not list ${failing.resource.plural}: ${failing.error.message}`;
    return { result: 'failed', code: 'forbidden', message, problems: [], retryIn: 10_000 };
  }
  const reason = `reading ${names}${failing?.error == null ? '' : `: ${failing.error.message}`}`;
  const retryIn = failing === undefined ? null : 2_000;
  return { result: 'waiting', for: 'reading', reason, patience: null, retryIn };
}

/**
 * What the way to an earlier bundle may have written, and no watch has shown yet, is looked for before it is taken for
 * gone: its answer may have been lost (A5).
 */
async function lookForUnseen({ targets }: Resolved, inventory: Inventory, context: Context): Promise<void> {
  if (inventory.settled) return;
  const { kube, observer, requests } = context;
  const unseen = leftOf(targets, inventory).filter((ref) => observer.find(ref) === undefined);
  await bounded(unseen, requests, async (ref) => {
    const resource = await kube.resourceOf(ref.group, ref.kind);
    if (resource !== null) await observer.read(resource, ref);
  });
}

/** Reads again what was last held against another wanted object: a new bundle, or none yet. */
async function judgeAnew(application: string, targets: ReadonlyMap<string, Target>, context: Context): Promise<void> {
  const { observer, requests } = context;
  const stale = ({ wanted, resource, served }: Target) => {
    const record = served ? observer.find(wanted.ref, resource) : undefined;
    return record !== undefined && record.judged !== wanted.digest;
  };
  const byResource = new Map<Resource, number>();
  for (const target of [...targets.values()].filter(stale))
    byResource.set(target.resource, (byResource.get(target.resource) ?? 0) + 1);
  for (const [resource, count] of byResource) if (count > listFrom) await observer.readAll(resource, application);
  await bounded([...targets.values()].filter(stale), requests, ({ resource, wanted }) =>
    observer.read(resource, wanted.ref),
  );
}
