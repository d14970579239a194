import { opened, settled, withNormalised } from '../../core/apply/inventory.ts';
import { entriesOf, type PlanEntry } from '../../core/apply/plan.ts';
import { impersonatedUser } from '../../core/apply/tenancy.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { isAgentDeployment } from '../../core/objects/agent-deployment.ts';
import { refKey } from '../../core/objects/object.ts';
import { type Active, type Application, failedBy, type PassResult, type Run } from './application.ts';
import type { Context } from './context.ts';
import { type Prepared, prepare } from './prepare.ts';
import { problem } from './problems.ts';
import { leftStanding } from './prune.ts';
import type { Target } from './resolve.ts';
import type { Survey } from './survey.ts';
import { conflictProblems, type Verdict } from './validate.ts';
import { walk } from './walk.ts';

/**
 * Takes an application to its bundle: everything is tried before anything is written (A1), the inventory is saved
 * before the first write and settled after the last (A5). Answers `again` where what it has written (a definition, a
 * namespace) lets it see further than before.
 */
export async function rollOut(
  app: Application,
  active: Active,
  survey: Survey,
  context: Context,
  signal: AbortSignal,
): Promise<PassResult | 'again'> {
  if (survey.problems.length > 0) return failedBy(survey.problems);
  const options = { as: impersonatedUser(app.assignment.tenant), signal };
  const run = runOf(app, active, context.now());
  const others = awaitOthers(app, active, run, context);
  if (others !== null) return others;
  const prepared = await prepare(survey, run, context, options);
  const { entries } = prepared;
  const refused = refusalsOf(entries);
  if (refused.length > 0) return failedBy(refused);
  const verdicts = [...prepared.verdicts.values()];
  rememberEqual(app, verdicts);

  signal.throwIfAborted();
  if (writesAnything(prepared)) await openInventory(app, active, entries, survey.targets, context);
  const stop = await walk(app, survey, prepared, context, options);
  if (stop !== null) return stop;
  await settle(app, active, entries, context);
  return { result: 'applied', notes: notesOf(app.name, entries, survey.targets, verdicts), retryIn: null };
}

/** Milliseconds that an agent which is to exchange itself gives other applications to appear, and to be done. */
const othersAppear = 2_000;
const othersDone = 120_000;

/**
 * An agent exchanges itself last: what came with it is applied first, if that does not take too long (L6). It does so
 * only by what the hub has said since it started: what it was told before may be what ended it.
 */
function awaitOthers(app: Application, { bundle }: Active, { startedAt }: Run, context: Context): PassResult | null {
  if (!bundle.objects.some(isAgentDeployment)) return null;
  if (!context.hasSpoken()) {
    const reason = 'the agent exchanges itself once the hub has said that this is still to be';
    return { result: 'waiting', for: 'the hub', reason, patience: null, retryIn: 1_000 };
  }
  const waited = context.now() - startedAt;
  const other = context.arriving(app.name);
  if (waited > othersDone || (waited > othersAppear && other === null)) return null;
  const reason = `the agent exchanges itself last${other === null ? '' : `, after application ${other}`}`;
  return { result: 'waiting', for: 'other applications', reason, patience: null, retryIn: 1_000 };
}

/** What of a plan may not be applied, as problems. */
export function refusalsOf(entries: readonly PlanEntry[]): readonly ObjectProblem[] {
  return entriesOf(entries, 'refuse').map(({ ref, code, field, reason }) => problem(ref, code, reason, field));
}

function runOf(app: Application, { assignment: { bundle } }: Active, startedAt: number): Run {
  if (app.run?.bundle === bundle) return app.run;
  const nothing = { created: new Set<string>(), changed: new Set<string>(), pruned: [] };
  app.run = { bundle, startedAt, ...nothing, verdicts: new Map(), logs: new Map() };
  return app.run;
}

/** Where nothing is written, nothing can be left untracked. */
function writesAnything({ entries, verdicts, deferred }: Prepared): boolean {
  return (
    deferred.size > 0 ||
    [...verdicts.values()].some(({ verdict }) => verdict === 'write') ||
    entriesOf(entries, 'prune', 'wait').length > 0 ||
    entriesOf(entries, 'hook').length > 0
  );
}

/** Old ∪ new, durable, before anything is written (A5). What waits for a person is marked so in the same write. */
async function openInventory(
  app: Application,
  { assignment: { bundle } }: Active,
  entries: readonly PlanEntry[],
  targets: ReadonlyMap<string, Target>,
  { inventories }: Context,
): Promise<void> {
  const { inventory } = app;
  if (inventory === null) return;
  const held = heldKeys(entries);
  const wanted = [...targets.values()].map((target) => target.wanted.ref);
  const listed = new Set(inventory.refs.map(refKey));
  const isOpen =
    inventories.isSaved(inventory) &&
    !inventory.settled &&
    inventory.course?.bundle === bundle &&
    wanted.every((ref) => listed.has(refKey(ref))) &&
    held.length === inventory.held.length &&
    held.every((key) => inventory.held.includes(key));
  if (isOpen) return;
  app.inventory = opened(inventory, bundle, wanted, held);
  await inventories.save(app.inventory);
}

function heldKeys(entries: readonly PlanEntry[]): readonly string[] {
  return entriesOf(entries, 'hold').map(({ ref }) => refKey(ref));
}

/** After the last write: the inventory lists the bundle, and what left it and still stands. */
export async function settle(
  app: Application,
  { assignment }: Active,
  entries: readonly PlanEntry[],
  { inventories, observer, now }: Context,
): Promise<void> {
  if (app.inventory === null) return;
  const wanted = [...app.targets.values()].map((target) => target.wanted.ref);
  const jobs = new Set(app.inventory.jobs.map(({ ref }) => refKey(ref)));
  // What was just deleted is listed until it is seen to be gone; the Jobs of hooks have a list of their own.
  const remaining = entriesOf(entries, 'prune', 'hold', 'protect', 'leaving').map(({ ref }) => ref);
  const others = remaining.filter((ref) => !jobs.has(refKey(ref)));
  const running = { release: assignment.release, bundle: assignment.bundle };
  const stands = (ref: (typeof wanted)[number]) => observer.find(ref) !== undefined;
  app.inventory = settled(app.inventory, wanted, others, heldKeys(entries), running, now(), stands);
  await inventories.save(app.inventory);
}

/** What is told of an application that stands: conflicts that were yielded, and what left the bundle and stays. */
export function notesOf(
  application: string,
  entries: readonly PlanEntry[],
  targets: ReadonlyMap<string, Target>,
  verdicts: readonly Verdict[],
): readonly ObjectProblem[] {
  const conflicts = entriesOf(entries, 'conflict').flatMap(({ wanted, yielded }) => {
    const target = targets.get(wanted.key);
    return target === undefined ? [] : conflictProblems(yielded, target);
  });
  const tried = verdicts.flatMap((verdict) => (verdict.verdict === 'write' ? verdict.conflicts : []));
  return [...leftStanding(entriesOf(entries, 'hold', 'protect', 'leaving'), application), ...conflicts, ...tried];
}

/** Remembers what dry runs have shown to be the server's own spelling. */
export function rememberEqual(app: Application, verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts)
    if (verdict.verdict === 'equal' && app.inventory !== null) {
      const { key, digest } = verdict.target.wanted;
      app.inventory = withNormalised(app.inventory, key, digest, verdict.residue);
    }
}
