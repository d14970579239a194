import { inOrder, inWaves, type Ordered, type Wave } from '../../core/apply/order.ts';
import { entriesOf, type Planned } from '../../core/apply/plan.ts';
import { describeRef } from '../../core/objects/object.ts';
import { type Application, failedBy, type PassResult } from './application.ts';
import { applyOne, type ValidWrite } from './apply.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { runHook } from './hook.ts';
import type { Prepared } from './prepare.ts';
import { arrivalPause, prune } from './prune.ts';
import type { HookTarget, Target } from './resolve.ts';
import type { Survey } from './survey.ts';

/** Something of the bundle on its place in the order, and what is to be done with it. */
interface Item extends Ordered {
  readonly target: Target;
  readonly write: ValidWrite | null;
  readonly hook: { readonly target: HookTarget; readonly entry: Planned<'hook'> } | null;
  /** It stands, and is being deleted. */
  readonly leaving: boolean;
  /** It can be looked at only once what came before it stands. */
  readonly deferred: boolean;
}

/** How long a definition may take to be established, and a wave to be well; milliseconds. */
const establishment = 60_000;
const progress = 600_000;

type Options = { readonly as: string | null; readonly signal: AbortSignal };

/**
 * Carries a prepared plan out in its order: definitions until they are established, hooks before, the waves, each once
 * the one before it is well, what left the bundle, hooks after (A2). It waits for nothing: where something has to
 * happen first it answers what, and a later pass goes on from what stands by then (A9).
 * @returns null: all is done; `again`: what it has written lets the next look see further
 */
export async function walk(
  app: Application,
  survey: Survey,
  prepared: Prepared,
  context: Context,
  options: Options,
): Promise<PassResult | 'again' | null> {
  const items = itemsOf(survey, prepared);
  const steady = items.filter((item) => isSteady(item, app));
  const drifted = await writeAll(app, inOrder(steady), context, options);
  if (drifted !== null) return drifted;
  const waves = inWaves(items.map((item) => (steady.includes(item) ? { ...item, write: null } : item)));
  const before = (index: number) => waves.slice(0, index);
  const isPost = ({ stage }: Wave<Item>) => stage === 'post';
  for (const [index, wave] of waves.entries()) {
    if (wave.stage !== 'definitions' && waves[index - 1]?.stage === 'definitions') {
      const stop = definitionsStand(before(index), context) ?? goneBeforeNext(before(index));
      if (stop !== null) return stop;
    }
    if (wave.groups.flat().some(({ deferred }) => deferred)) return 'again';
    if (isPost(wave) && !before(index).some(isPost)) {
      const stop = await pruneLeft(app, survey, prepared, context, options);
      if (stop !== null) return stop;
    }
    const stop = gate(wave, before(index), context) ?? (await writeWave(app, wave, context, options));
    if (stop !== null) return stop;
  }
  if (waves.some(isPost)) return null;
  return definitionsStand(waves, context) ?? (await pruneLeft(app, survey, prepared, context, options));
}

function itemsOf({ targets, hooks }: Survey, { entries, verdicts, deferred }: Prepared): readonly Item[] {
  const items: Item[] = [];
  const add = (target: Target, leaving: boolean, hook: Item['hook']) => {
    const { ref, object, key } = target.wanted;
    const verdict = verdicts.get(key);
    const write = verdict?.verdict === 'write' ? verdict : null;
    items.push({ ref, object, target, write, hook, leaving, deferred: deferred.has(key) });
  };
  const leaving = new Set(entriesOf(entries, 'wait').map(({ wanted }) => wanted.key));
  for (const target of targets.values()) add(target, leaving.has(target.wanted.key), null);
  for (const entry of entriesOf(entries, 'hook')) {
    const target = hooks.find(({ hook }) => hook === entry.hook);
    if (target !== undefined) add(target, false, { target, entry });
  }
  return items;
}

/**
 * True for what the last good bundle wants just so: it has drifted on the way to the next, and is put back without
 * waiting for its turn, as it was before (D1). A hook that has failed, or a wave that never gets well, leaves nobody
 * without that.
 */
function isSteady({ target: { wanted }, write, hook, deferred }: Item, app: Application): boolean {
  if (write === null || hook !== null || deferred || app.assignment.drift !== 'correct') return false;
  return app.lastTargets.get(wanted.key)?.wanted.digest === wanted.digest;
}

/** Writes group after group; what is refused ends it after its group. */
async function writeAll(
  app: Application,
  groups: readonly (readonly Item[])[],
  context: Context,
  options: Options,
): Promise<PassResult | null> {
  for (const group of groups) {
    const writes = group.flatMap(({ write, hook }) => (write === null || hook !== null ? [] : [write]));
    const outcomes = await bounded(writes, context.requests, (write) => applyOne(app, write, context, options));
    const refused = outcomes.filter((problem) => problem !== null);
    if (refused.length > 0) return failedBy(refused);
  }
  return null;
}

/** Writes what a wave has, kind after kind; then its Jobs run, side by side. */
async function writeWave(
  app: Application,
  { groups }: Wave<Item>,
  context: Context,
  options: Options,
): Promise<PassResult | null> {
  const refused = await writeAll(app, groups, context, options);
  if (refused !== null) return refused;
  const all = groups.flat();
  for (const { target, leaving, write } of all) {
    const isReplaced = write?.entry.action === 'replace';
    const live = isReplaced ? context.observer.find(target.wanted.ref, target.resource) : undefined;
    if (leaving || live?.deleting) return beingDeleted(target);
  }
  const hooks = all.flatMap(({ hook, write }) => (hook === null ? [] : [{ ...hook, write }]));
  let stop: PassResult | null = null;
  for (const hook of hooks) stop = worse(stop, await runHook(app, hook, context, options));
  return stop;
}

/** A failure is told before a wait. */
function worse(a: PassResult | null, b: PassResult | null): PassResult | null {
  return a === null || (a.result === 'waiting' && b?.result === 'failed') ? b : a;
}

/**
 * What a wave waits for: whatever lies in lower waves of its stage has to be well, and for what comes after all others,
 * all others (A2). Nothing waits where nothing is left to be done.
 */
function gate(wave: Wave<Item>, before: readonly Wave<Item>[], { observer }: Context): PassResult | null {
  const { stage, groups } = wave;
  const isDone = ({ write, hook, leaving }: Item) =>
    write === null && !leaving && (hook === null || hook.entry.state === 'done');
  if (stage === 'definitions' || groups.flat().every(isDone)) return null;
  const lower = before.filter((other) => stage === 'post' || other.stage === stage);
  for (const item of lower.flatMap((other) => other.groups.flat())) {
    if (item.hook !== null) continue; // It has run, or nobody would have come here.
    const health = observer.find(item.ref, item.target.resource)?.health;
    if (health?.health === 'healthy' || health?.health === 'suspended') continue;
    const what = stage === 'post' ? 'the last hooks wait' : `wave ${wave.wave} waits`;
    const reason = `${what} for ${describeRef(item.ref)}: ${health?.reason ?? 'it does not exist'}`;
    return { result: 'waiting', for: `${stage} ${wave.wave}`, reason, patience: progress, retryIn: null };
  }
  return null;
}

function definitionsStand(waves: readonly Wave<Item>[], { observer }: Context): PassResult | null {
  for (const { target } of waves.flatMap(({ groups }) => groups.flat())) {
    const { wanted, resource } = target;
    if (wanted.ref.kind !== 'CustomResourceDefinition') continue;
    const health = observer.find(wanted.ref, resource)?.health;
    if (health?.health !== 'healthy')
      return {
        result: 'waiting',
        for: 'definitions',
        reason: `${describeRef(wanted.ref)}: ${health?.reason ?? 'it is not created yet'}`,
        patience: establishment,
        retryIn: null,
      };
  }
  return null;
}

/** What is on its way out has to be gone before it can be created again. */
function goneBeforeNext(waves: readonly Wave<Item>[]): PassResult | null {
  const item = waves.flatMap(({ groups }) => groups.flat()).find(({ leaving }) => leaving);
  return item === undefined ? null : beingDeleted(item.target);
}

function beingDeleted({ wanted }: Target): PassResult {
  const reason = `${describeRef(wanted.ref)} is being deleted, and is created again after that`;
  return { result: 'waiting', for: `the end of ${wanted.key}`, reason, patience: null, retryIn: null };
}

async function pruneLeft(
  app: Application,
  { arriving }: Survey,
  { entries }: Prepared,
  context: Context,
  options: Options,
): Promise<PassResult | null> {
  const { pruned, problems, awaits } = await prune(app, entriesOf(entries, 'prune'), arriving, context, options);
  if (awaits !== null) {
    const reason = `what left the bundle may have moved to application ${awaits}, which is looked at first`;
    return { result: 'waiting', for: 'other applications', reason, patience: null, retryIn: arrivalPause };
  }
  app.run?.pruned.push(...pruned);
  return problems.length > 0 ? failedBy(problems) : null;
}
