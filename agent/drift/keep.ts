import { stageOf } from '../../core/order.ts';
import { entriesOf, type PlanEntry } from '../../core/plan.ts';
import { impersonatedUser } from '../../core/tenancy.ts';
import { type Active, type Application, failedBy, type PassResult } from '../reconcile/application.ts';
import { bounded } from '../reconcile/bounded.ts';
import type { Context } from '../reconcile/context.ts';
import { leavingNamespaces, refine } from '../reconcile/prepare.ts';
import { prune } from '../reconcile/prune.ts';
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
  { entries, targets, problems, replan }: Survey,
  context: Context,
  signal: AbortSignal,
): Promise<PassResult | 'again'> {
  const as = impersonatedUser(app.assignment.tenant);
  const before = app.inventory;
  const seeming = seemingDrifts(entries);
  if (await anyStands(seeming, app, context)) return 'again';

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

  const cleared = await prune(entriesOf(entries, 'prune'), context, { as, signal });
  if (cleared.pruned.length > 0) treated.tell({ type: 'pruned', objects: cleared.pruned });
  if (app.inventory !== before || entriesOf(entries, 'forget').length > 0 || !isNamed(app, active))
    await settle(app, active, entries, context);

  const failed = [...problems, ...treated.problems, ...cleared.problems];
  if (failed.length > 0) return failedBy(failed);
  const unserved = suspects.length > judged.length;
  return {
    result: 'applied',
    notes: [...notesOf(app.name, refine(entries, verdicts), targets, verdicts), ...treated.fights],
    retryIn: unserved ? 1_000 : treated.nextIn,
  };
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

/** True where something that seemed gone is not: it has lost its label, which takes it out of every watch's sight. */
async function anyStands(seeming: readonly WriteEntry[], app: Application, context: Context): Promise<boolean> {
  const missing = seeming.filter(({ action }) => action === 'create');
  const found = await bounded(missing, context.requests, async ({ wanted }) => {
    const target = app.targets.get(wanted.key);
    return target?.served === true && (await context.observer.read(target.resource, wanted.ref)) !== null;
  });
  return found.includes(true);
}

/** False where the same bundle has become another release, which the inventory is to name. */
function isNamed({ inventory }: Application, { assignment }: Active): boolean {
  return inventory?.running?.release === assignment.release;
}
