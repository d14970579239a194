import { opened, settled, withNormalised } from '../../core/inventory.ts';
import { describeRef, refKey } from '../../core/object.ts';
import { stageOf } from '../../core/order.ts';
import { entriesOf, type PlanEntry } from '../../core/plan.ts';
import type { ObjectProblem } from '../../core/status.ts';
import { impersonatedUser } from '../../core/tenancy.ts';
import { type Active, type Application, failedBy, type PassResult } from './application.ts';
import { applyAll, type ValidWrite } from './apply.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { leftStanding, prune } from './prune.ts';
import type { Target } from './resolve.ts';
import type { Survey } from './survey.ts';
import { conflictProblems, type ValidateOptions, type Verdict, validate, type WriteEntry } from './validate.ts';

/** How long a definition may take to be established before that is a failure; milliseconds. */
const establishment = 60_000;

/**
 * Takes an application to its bundle: everything is tried before anything is written (A1), the inventory is saved
 * before the first write and settled after the last (A5). Answers `again` where what it has written (a definition, a
 * namespace) lets it see further than before.
 */
export async function rollOut(
  app: Application,
  active: Active,
  { entries, targets, problems }: Survey,
  context: Context,
  signal: AbortSignal,
): Promise<PassResult | 'again'> {
  if (problems.length > 0) return failedBy(problems);
  const as = impersonatedUser(app.assignment.tenant);
  const run = runOf(app, active, context.now());
  const verdicts = await validateAll(entries, targets, context, {
    kube: context.kube,
    conflicts: active.bundle.conflicts,
    as,
    signal,
  });
  const invalid = verdicts.tried.flatMap((verdict) => (verdict.verdict === 'invalid' ? [verdict.problem] : []));
  if (invalid.length > 0) return failedBy(invalid);
  rememberEqual(app, verdicts.tried);

  signal.throwIfAborted();
  const writes = verdicts.tried.filter(isWrite);
  // Where nothing is written, nothing can be left untracked.
  if (writes.length + verdicts.deferred + entriesOf(entries, 'prune', 'wait').length > 0)
    await openInventory(app, entries, targets, context);
  const refused = await applyAll(app, writes, context, { as, signal });
  if (refused.length > 0) return failedBy(refused);
  if (verdicts.deferred > 0) return awaitDefinitions(targets, context) ?? awaitDeletion(entries) ?? 'again';
  const deletion = awaitDeletion(entries);
  if (deletion !== null) return deletion;
  const cleared = await prune(entriesOf(entries, 'prune'), context, { as, signal });
  run.pruned.push(...cleared.pruned);
  if (cleared.problems.length > 0) return failedBy(cleared.problems);
  await settle(app, active, entries, context);
  return { result: 'applied', notes: notesOf(entries, targets, verdicts.tried), retryIn: null };
}

function runOf(app: Application, { assignment }: Active, now: number) {
  if (app.run?.bundle !== assignment.bundle)
    app.run = { bundle: assignment.bundle, startedAt: now, created: new Set(), changed: new Set(), pruned: [] };
  return app.run;
}

const isWrite = (verdict: Verdict): verdict is ValidWrite => verdict.verdict === 'write';

/**
 * Tries every write. Objects whose definition or namespace only this bundle brings are put off until that stands: the
 * definitions come first, to tell which those are.
 */
async function validateAll(
  entries: readonly PlanEntry[],
  targets: ReadonlyMap<string, Target>,
  context: Context,
  options: ValidateOptions,
): Promise<{ readonly tried: readonly Verdict[]; readonly deferred: number }> {
  const writes = entriesOf(entries, 'create', 'change', 'takeOver');
  const isDefinition = ({ wanted }: WriteEntry) => stageOf(wanted.ref) === 'definitions';
  const tryAll = (some: readonly WriteEntry[]) =>
    bounded(some, context.requests, (entry) => {
      options.signal.throwIfAborted();
      return validate(entry, targetOf(targets, entry), options);
    });
  const definitions = await tryAll(writes.filter((entry) => isDefinition(entry)));
  const newNamespaces = new Set([
    ...leavingNamespaces(entries),
    ...definitions.flatMap((verdict) => {
      const { ref } = verdict.target.wanted;
      return verdict.verdict === 'write' && verdict.creates && ref.kind === 'Namespace' ? [ref.name] : [];
    }),
  ]);
  const isPutOff = (entry: WriteEntry) =>
    !targetOf(targets, entry).served || newNamespaces.has(entry.wanted.ref.namespace);
  const others = writes.filter((entry) => !isDefinition(entry));
  const tried = await tryAll(others.filter((entry) => !isPutOff(entry)));
  return { tried: [...definitions, ...tried], deferred: others.filter(isPutOff).length };
}

/** Namespaces of the bundle that are being deleted: nothing can be created in them. */
export function leavingNamespaces(entries: readonly PlanEntry[]): readonly string[] {
  return entriesOf(entries, 'wait').flatMap(({ wanted: { ref } }) => (ref.kind === 'Namespace' ? [ref.name] : []));
}

function targetOf(targets: ReadonlyMap<string, Target>, { wanted }: WriteEntry): Target {
  const target = targets.get(wanted.key);
  if (target === undefined) throw new Error(`no target for ${wanted.key}`);
  return target;
}

/** Old ∪ new, durable, before anything is written (A5). What waits for a person is marked so in the same write. */
async function openInventory(
  app: Application,
  entries: readonly PlanEntry[],
  targets: ReadonlyMap<string, Target>,
  { inventories }: Context,
): Promise<void> {
  if (app.inventory === null) return;
  const held = heldKeys(entries);
  const wanted = [...targets.values()].map((target) => target.wanted.ref);
  const listed = new Set(app.inventory.refs.map(refKey));
  const isOpen =
    !app.inventory.settled &&
    wanted.every((ref) => listed.has(refKey(ref))) &&
    held.every((key) => app.inventory?.held.includes(key));
  app.inventory = opened(app.inventory, wanted, held);
  if (!isOpen) await inventories.save(app.inventory);
}

function awaitDefinitions(targets: ReadonlyMap<string, Target>, { observer }: Context): PassResult | null {
  for (const { wanted, resource } of targets.values()) {
    if (wanted.ref.kind !== 'CustomResourceDefinition') continue;
    const health = observer.find(wanted.ref, resource)?.health;
    if (health?.health !== 'healthy')
      return {
        result: 'waiting',
        reason: `${describeRef(wanted.ref)}: ${health?.reason ?? 'it is not created yet'}`,
        patience: establishment,
        retryIn: null,
      };
  }
  return null;
}

function heldKeys(entries: readonly PlanEntry[]): readonly string[] {
  return entriesOf(entries, 'hold').map(({ ref }) => refKey(ref));
}

/** What is on its way out has to be gone before it can be created again. */
function awaitDeletion(entries: readonly PlanEntry[]): PassResult | null {
  const [first] = entriesOf(entries, 'wait');
  if (first === undefined) return null;
  const reason = `${describeRef(first.wanted.ref)} is being deleted, and is created again after that`;
  return { result: 'waiting', reason, patience: null, retryIn: null };
}

/** After the last write: the inventory lists the bundle, and what left it and still stands. */
export async function settle(
  app: Application,
  { assignment }: Active,
  entries: readonly PlanEntry[],
  { inventories, now }: Context,
): Promise<void> {
  if (app.inventory === null) return;
  const wanted = [...app.targets.values()].map((target) => target.wanted.ref);
  // What was just deleted is listed until it is seen to be gone.
  const remaining = entriesOf(entries, 'prune', 'hold', 'protect', 'leaving').map(({ ref }) => ref);
  const running = { release: assignment.release, bundle: assignment.bundle };
  app.inventory = settled(app.inventory, wanted, remaining, heldKeys(entries), running, now());
  await inventories.save(app.inventory);
}

/** What is told of an application that stands: conflicts that were yielded, and what left the bundle and stays. */
export function notesOf(
  entries: readonly PlanEntry[],
  targets: ReadonlyMap<string, Target>,
  verdicts: readonly Verdict[],
): readonly ObjectProblem[] {
  const conflicts = entriesOf(entries, 'conflict').flatMap(({ wanted, yielded }) => {
    const target = targets.get(wanted.key);
    return target === undefined ? [] : conflictProblems(yielded, target);
  });
  const tried = verdicts.flatMap((verdict) => (verdict.verdict === 'invalid' ? [] : verdict.conflicts));
  return [...conflicts, ...tried, ...leftStanding(entriesOf(entries, 'hold', 'protect'))];
}

/** Remembers what dry runs have shown to be the server's own spelling. */
export function rememberEqual(app: Application, verdicts: readonly Verdict[]): void {
  for (const verdict of verdicts)
    if (verdict.verdict === 'equal' && app.inventory !== null) {
      const { key, digest } = verdict.target.wanted;
      app.inventory = withNormalised(app.inventory, key, digest, verdict.residue);
    }
}
