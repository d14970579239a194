import { entriesOf } from '../../core/apply/plan.ts';
import { keep } from '../drift/keep.ts';
import { type Active, type Application, isRolledOut, type PassResult } from './application.ts';
import { type Applying, createApplying } from './applying.ts';
import type { Context } from './context.ts';
import { refusalsOf, rollOut } from './roll-out.ts';
import { survey } from './survey.ts';
import { tell } from './tell.ts';

/** So often may one pass see further by what it wrote itself: a definition, then a namespace, then what is in it. */
const rounds = 4;

/**
 * One pass over an application: look, then take it to its bundle, or keep it there. Where nothing of a new bundle can
 * be written, the last good one is kept meanwhile. It holds a worker only for as long as it has something to ask or to
 * write (A9).
 * @throws KubeError where the API server cannot answer, for now; the signal's reason where it aborts
 */
export async function pass(
  app: Application,
  active: Active,
  context: Context,
  signal: AbortSignal,
): Promise<PassResult> {
  const { state } = app;
  const rests = state.state === 'failed' && context.now() < (state.wait?.deadline ?? 0);
  if (rests && app.enforced !== active) {
    const kept = await keepLastGood(app, context, signal);
    if (kept !== null) return kept;
  }
  const applying = createApplying(app, active, context);
  try {
    const result = await passRounds(app, active, context, signal, applying);
    applying.end(result.result, result.result === 'failed' ? result : undefined);
    if (result.result === 'failed') await keepLastGood(app, context, signal);
    return result;
  } catch (error) {
    if (signal.aborted) applying.end('cancelled');
    else applying.end('error', error);
    throw error;
  }
}

async function passRounds(
  app: Application,
  active: Active,
  context: Context,
  signal: AbortSignal,
  applying: Applying,
): Promise<PassResult> {
  for (let round = 0; round < rounds; round++) {
    signal.throwIfAborted();
    const seen = await survey(app, active, context, signal);
    if ('result' in seen) return seen;
    const refused = refusalsOf(seen.entries);
    if (refused.length > 0) return refusedBy(refused);
    const standing = app.inventory !== null && isRolledOut(app.inventory, active);
    const result = standing
      ? await keep(app, active, seen, context, signal)
      : await applying.within(() => rollOut(app, active, seen, context, signal));
    if (result === 'again') continue;
    if (!standing && result.result === 'applied') announce(app, context);
    if (result.result === 'applied') {
      app.lastGood = active;
      app.lastTargets = app.targets;
    }
    return result;
  }
  return {
    result: 'waiting',
    for: 'what was defined',
    reason: 'waiting for the cluster to serve what was just defined',
    patience: 60_000,
    retryIn: 1_000,
  };
}

/**
 * Keeps what was last applied whole, as long as nothing of the newer bundle was written: once something was, both are
 * mixed, and to put the older one back would undo it.
 * @returns null where there is no such bundle
 */
async function keepLastGood(app: Application, context: Context, signal: AbortSignal): Promise<PassResult | null> {
  const { lastGood, inventory } = app;
  if (lastGood === null || inventory === null || !isRolledOut(inventory, lastGood)) return null;
  if (lastGood.assignment.bundle === app.active?.assignment.bundle) return null;
  for (let round = 0; round < rounds; round++) {
    const seen = await survey(app, lastGood, context, signal);
    if ('result' in seen || entriesOf(seen.entries, 'refuse').length > 0) break;
    const result = await keep(app, lastGood, seen, context, signal);
    if (result === 'again') continue;
    return { result: 'kept', retryIn: 'retryIn' in result ? result.retryIn : null };
  }
  return { result: 'kept', retryIn: 1_000 };
}

function refusedBy(problems: ReturnType<typeof refusalsOf>): PassResult {
  const message = problems.map((refusal) => refusal.message).join('; ');
  return { result: 'failed', code: 'refused', message, problems, retryIn: null };
}

/** Tells that a bundle was applied whole, and forgets what drifted under the one before. */
function announce(app: Application, context: Context): void {
  const { run } = app;
  for (const { drift } of app.drifts.values()) tell(app, { type: 'drift', drift, outcome: 'gone' }, context);
  app.drifts.clear();
  app.fights.clear();
  app.run = null;
  if (run === null) return;
  if (run.pruned.length > 0) tell(app, { type: 'pruned', objects: run.pruned }, context);
  tell(
    app,
    {
      type: 'applied',
      bundle: run.bundle,
      created: run.created.size,
      changed: run.changed.size,
      unchanged: [...app.targets.keys()].filter((key) => !run.created.has(key) && !run.changed.has(key)).length,
      pruned: run.pruned.length,
      milliseconds: Math.round(context.now() - run.startedAt),
    },
    context,
  );
}
