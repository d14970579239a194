import type { ObjectRef } from '../../core/object.ts';
import { refKey } from '../../core/object.ts';
import { type PlanEntry, plan } from '../../core/plan.ts';
import type { ObjectProblem } from '../../core/status.ts';
import type { Following } from '../drift/observer.ts';
import type { Resource } from '../kube/port.ts';
import type { Active, Application, PassResult } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { heldState } from './prune.ts';
import { type Resolved, resolve, type Target } from './resolve.ts';

/** What an application finds in its cluster, and what that asks to be done. */
export interface Survey {
  readonly targets: ReadonlyMap<string, Target>;
  readonly entries: readonly PlanEntry[];
  /** Objects of the bundle that have no place in this cluster. */
  readonly problems: readonly ObjectProblem[];
}

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
  const { targets, problems } = await targetsOf(app, active, context);
  signal.throwIfAborted();
  app.inventory = inventory;
  const left = inventory.refs.filter((ref) => !targets.has(refKey(ref)));
  const resources = await followed(targets, left, context);
  const unread = resources.map((resource) => observer.follow(resource)).filter((following) => following !== null);
  if (unread.length > 0) return stillReading(unread);
  await judgeAnew(app.name, targets, context);
  signal.throwIfAborted();
  const entries = plan({
    application: app.name,
    wanted: [...targets.values()].map(({ wanted }) => wanted),
    inventory,
    live: (ref) => observer.find(ref, targets.get(refKey(ref))?.resource),
    conflicts: active.bundle.conflicts,
    bounds: app.assignment.tenant,
    holding: await heldState(app.name, left, context),
  });
  return { targets, entries, problems };
}

/** Where each object goes: found out once for a bundle, and again for as long as anything is amiss. */
async function targetsOf(app: Application, { bundle }: Active, { kube, index }: Context): Promise<Resolved> {
  if (app.resolved === bundle) return { targets: app.targets, problems: [] };
  const resolved = await resolve(kube, bundle);
  const all = [...resolved.targets.values()];
  const complete = resolved.problems.length === 0 && all.every(({ served }) => served);
  app.targets = resolved.targets;
  app.resolved = complete ? bundle : null;
  index.set(
    app.name,
    all.map(({ wanted }) => wanted),
  );
  return resolved;
}

/** Every kind that has something to do with the application and that the cluster serves. */
async function followed(
  targets: ReadonlyMap<string, Target>,
  left: readonly ObjectRef[],
  { kube }: Context,
): Promise<readonly Resource[]> {
  const byKind = new Map<string, Resource>();
  const resources = new Set<Resource>();
  for (const { resource, served } of targets.values()) {
    if (!served) continue;
    byKind.set(`${resource.group}/${resource.kind}`, resource);
    resources.add(resource);
  }
  for (const { group, kind } of left) {
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
  return { result: 'waiting', reason, patience: null, retryIn: failing === undefined ? null : 2_000 };
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
