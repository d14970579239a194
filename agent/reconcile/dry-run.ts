import { judge, type LiveRecord } from '../../core/apply/live.ts';
import { type PlannedAction, plannedActions } from '../../core/apply/planned-actions.ts';
import { impersonatedUser } from '../../core/apply/tenancy.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { ownerLabel, refKey, refOf } from '../../core/objects/object.ts';
import type { Resource } from '../kube/port.ts';
import type { Active } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { prepare } from './prepare.ts';
import { type Resolved, resolve } from './resolve.ts';
import { type Eyes, resourcesOf, surveyWith } from './survey.ts';

/** What the agent would do. */
export interface DryRun {
  readonly actions: readonly PlannedAction[];
  /** Objects of the bundle that have no place in this cluster: with one of them, nothing is done. */
  readonly problems: readonly ObjectProblem[];
}

type Means = Pick<Context, 'kube' | 'index' | 'inventories' | 'arriving' | 'requests' | 'now'>;

/**
 * What the agent would do with a bundle, without doing it: the plan, and what the API server says of each write, by the
 * same functions that applying goes through. It looks with eyes of its own, so that what is enforced meanwhile is
 * judged as before.
 * @throws KubeError where the API server cannot say, for now
 */
export async function dryRun(active: Active, context: Means, signal: AbortSignal): Promise<DryRun> {
  const { assignment, bundle } = active;
  const { application: name } = assignment;
  const resolved = await resolve(context.kube, bundle, assignment.bundle);
  const inventory = await context.inventories.load(name);
  const eyes = await look(resolved, await resourcesOf(resolved, inventory, context), context, signal);
  const survey = await surveyWith({ name, assignment }, active, resolved, inventory, eyes, context);
  const options = { as: impersonatedUser(assignment.tenant), signal };
  const { entries } = await prepare(survey, null, context, options);
  return { actions: plannedActions(entries), problems: survey.problems };
}

/** Reads what an observer would have seen: whatever bears an owner's label, of every kind that matters. */
async function look(
  { targets, hooks }: Resolved,
  resources: readonly Resource[],
  { kube, now, requests }: Means,
  signal: AbortSignal,
): Promise<Eyes> {
  const wanted = new Map([...targets.values(), ...hooks].map((target) => [target.wanted.key, target.wanted]));
  const records = new Map<string, LiveRecord>();
  await bounded(resources, requests, async (resource) => {
    const { items } = await kube.list(resource, { labelSelector: ownerLabel, signal });
    for (const item of items) {
      const key = refKey({ ...refOf(item), group: resource.group, kind: resource.kind });
      records.set(key, judge(item, wanted.get(key) ?? null, now()));
    }
  });
  return { find: (ref) => records.get(refKey(ref)) };
}
