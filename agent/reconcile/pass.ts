import { entriesOf } from '../../core/plan.ts';
import { keep } from '../drift/keep.ts';
import { type Active, type Application, isRolledOut, type PassResult } from './application.ts';
import { type Applying, createApplying } from './applying.ts';
import type { Context } from './context.ts';
import { problem } from './problems.ts';
import { rollOut } from './roll-out.ts';
import { survey } from './survey.ts';
import { tell } from './tell.ts';

/** So often may one pass see further by what it wrote itself: a definition, then a namespace, then what is in it. */
const rounds = 4;

/**
 * One pass over an application: look, then take it to its bundle, or keep it there. It holds a worker only for as long
 * as it has something to ask or to write (A9).
 * @throws KubeError where the API server cannot answer, for now; the signal's reason where it aborts
 */
export async function pass(
  app: Application,
  active: Active,
  context: Context,
  signal: AbortSignal,
): Promise<PassResult> {
  const applying = createApplying(app, active, context);
  try {
    const result = await passRounds(app, active, context, signal, applying);
    applying.end(result.result, result.result === 'failed' ? result : undefined);
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
    const refused = entriesOf(seen.entries, 'refuse').map(({ ref, reason }) => problem(ref, 'refused', reason));
    if (refused.length > 0) return refusedBy(refused);
    const standing = app.inventory !== null && isRolledOut(app.inventory, active);
    const result = standing
      ? await keep(app, active, seen, context, signal)
      : await applying.within(() => rollOut(app, active, seen, context, signal));
    if (result === 'again') continue;
    if (!standing && result.result === 'applied') announce(app, context);
    return result;
  }
  return {
    result: 'waiting',
    reason: 'waiting for the cluster to serve what was just defined',
    patience: 60_000,
    retryIn: 1_000,
  };
}

function refusedBy(problems: readonly ReturnType<typeof problem>[]): PassResult {
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
      unchanged: app.targets.size - new Set([...run.created, ...run.changed]).size,
      pruned: run.pruned.length,
      milliseconds: Math.round(context.now() - run.startedAt),
    },
    context,
  );
}
