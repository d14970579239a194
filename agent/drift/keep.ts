import { stageOf } from '../../core/apply/order.ts';
import { entriesOf, type PlanEntry } from '../../core/apply/plan.ts';
import { impersonatedUser } from '../../core/apply/tenancy.ts';
import { isAgentDeployment } from '../../core/objects/agent-deployment.ts';
import { type Active, type Application, failedBy, type PassResult } from '../reconcile/application.ts';
import { bounded } from '../reconcile/bounded.ts';
import type { Context } from '../reconcile/context.ts';
import { leavingNamespaces, refine } from '../reconcile/prepare.ts';
import { arrivalPause, prune } from '../reconcile/prune.ts';
import { notesOf, rememberEqual, settle } from '../reconcile/roll-out.ts';
import type { Survey } from '../reconcile/survey.ts';
import { validate, type WriteEntry } from '../reconcile/validate.ts';
import { type Suspect, treat } from './treat.ts';

/**
 * Keeps an application that stands as its bundle says: what seems to have drifted is confirmed by the API server, then
 * corrected or told, as the assignment says (D1 to D3).
 */
export async function keep(
  app: Application,
  active: Active,
  { entries, targets, problems, replan, arriving }: Survey,
  context: Context,
  signal: AbortSignal,
): Promise<PassResult | 'again'> {
  const as = impersonatedUser(app.assignment.tenant);
  const all = seemingDrifts(entries);
  const seeming = context.hasSpoken() ? all : all.filter(({ wanted }) => !isAgentDeployment(wanted.object));
  const unseen = unseenOf(app.name, seeming);
  if (await lookAt(unseen, app, context)) return 'again';

  const suspects = await bounded(seeming, context.requests, async (entry): Promise<Suspect | null> => {
    signal.throwIfAborted();
    const target = targets.get(entry.wanted.key);
    if (!target?.served) return null;
    const options = { kube: context.kube, replan, now: context.now, as, signal };
    return { entry, verdict: await validate(entry, target, options) };
  });
  const judged = suspects.filter((suspect) => suspect !== null);
  const verdicts = judged.map(({ verdict }) => verdict);
  rememberEqual(app, verdicts);
  const treated = await treat(app, judged, context, { as, signal });
  if (treated.restored) return 'again';
  // What has no place in the cluster now has not left the bundle: nothing is pruned or forgotten meanwhile.
  if (problems.length > 0) return failedBy([...problems, ...treated.problems]);

  const cleared = await prune(app, entriesOf(entries, 'prune'), arriving, context, { as, signal });
  if (cleared.pruned.length > 0) treated.tell({ type: 'pruned', objects: cleared.pruned });
  const forgotten = entriesOf(entries, 'forget').length > 0;
  if (forgotten || !isKept(app, active, context)) await settle(app, active, entries, context);
  // What is forgotten needs no watch any more.
  if (forgotten) return 'again';

  const failed = [...treated.problems, ...cleared.problems];
  if (failed.length > 0) return failedBy(failed);
  const unserved = suspects.length > judged.length;
  return {
    result: 'applied',
    notes: [...notesOf(app.name, refine(entries, verdicts), targets, verdicts), ...treated.fights],
    retryIn: soonest(
      unserved || seeming.length < all.length ? 1_000 : null,
      treated.nextIn,
      unseen.some(stands) ? unseenPause : null,
      cleared.awaits === null ? null : arrivalPause,
    ),
  };
}

/** Milliseconds between two looks at what no watch sees: it stands without its label, and may not be corrected. */
const unseenPause = 5_000;

function soonest(...times: readonly (number | null)[]): number | null {
  const set = times.filter((time) => time !== null);
  return set.length === 0 ? null : Math.min(...set);
}

/** Definitions first, where one is gone: what needs them is looked at once they stand again. */
function seemingDrifts(entries: readonly PlanEntry[]): readonly WriteEntry[] {
  const unusable = new Set(leavingNamespaces(entries));
  const all = entriesOf(entries, 'create', 'change', 'takeOver').filter(
    ({ wanted }) => !unusable.has(wanted.ref.namespace),
  );
  const gone = all.filter(({ action, wanted }) => action === 'create' && stageOf(wanted.ref) === 'definitions');
  return gone.length > 0 ? gone : all;
}

/** What has lost its label is out of every watch's sight: it seems gone, or is known as it was when it was last read. */
function unseenOf(application: string, seeming: readonly WriteEntry[]): readonly WriteEntry[] {
  return seeming.filter((entry) => entry.action === 'create' || entry.live.owner !== application);
}

const stands = (entry: WriteEntry): boolean => entry.action !== 'create';

/** Reads what no watch sees; true where any of it is not as it seemed. */
async function lookAt(
  unseen: readonly WriteEntry[],
  app: Application,
  { observer, requests }: Context,
): Promise<boolean> {
  const changed = await bounded(unseen, requests, async (entry) => {
    const target = app.targets.get(entry.wanted.key);
    if (target?.served !== true) return false;
    const found = await observer.read(target.resource, entry.wanted.ref);
    return found?.resourceVersion !== (entry.action === 'create' ? undefined : entry.live.resourceVersion);
  });
  return changed.includes(true);
}

/** False where the inventory has still to be saved, or names the release by which the same bundle went before. */
function isKept({ inventory }: Application, { assignment }: Active, { inventories }: Context): boolean {
  return inventory?.running?.release === assignment.release && inventories.isSaved(inventory);
}
