import { withHookDone, withJob } from '../../core/apply/inventory.ts';
import type { Planned } from '../../core/apply/plan.ts';
import { describeRef } from '../../core/objects/object.ts';
import { type Application, failedBy, type PassResult } from './application.ts';
import { applyOne, type ValidWrite } from './apply.ts';
import type { Context } from './context.ts';
import { lastLines } from './hook-log.ts';
import { problem } from './problems.ts';
import { deleteSeen } from './prune.ts';
import type { HookTarget } from './resolve.ts';

/** A hook on its turn. */
interface Turn {
  readonly target: HookTarget;
  readonly entry: Planned<'hook'>;
  /** Its Job, where that is to be created. */
  readonly write: ValidWrite | null;
}

/**
 * Takes a hook one step further (A2). What has run is written down before anything goes on, so that it never runs
 * again for this bundle; what has failed stays so until its Job is deleted, or another bundle comes.
 * @returns what is waited for, or the failure; null: it has run
 */
export async function runHook(
  app: Application,
  { target, entry, write }: Turn,
  context: Context,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<PassResult | null> {
  const { hook, wanted } = target;
  const waiting = (reason: string): PassResult => ({
    ...{ result: 'waiting', for: `hook ${wanted.key}`, patience: hook.patience, retryIn: null },
    reason: `hook ${describeRef(wanted.ref)}: ${reason}`,
  });
  for (const { ref, uid } of entry.clears) {
    const refused = await deleteSeen(ref, uid, context.kube, options);
    if (refused !== null) return failedBy([refused]);
  }
  switch (entry.state) {
    case 'clearing':
    case 'running':
      return waiting(entry.reason);
    case 'due': {
      if (write === null) return waiting('its Job has not been tried yet');
      await save(app, context, (inventory) =>
        withJob(inventory, { ref: wanted.ref, hook: hook.name, deletion: hook.deletion }),
      );
      const refused = await applyOne(app, write, context, options);
      return refused === null ? waiting('it has been started') : failedBy([refused]);
    }
    case 'done': {
      await save(app, context, (inventory) => withHookDone(inventory, hook.name));
      if (hook.deletion !== 'on-success') return null;
      const job = context.observer.find(wanted.ref, target.resource);
      const refused = job === undefined ? null : await deleteSeen(wanted.ref, job.uid, context.kube, options);
      return refused === null ? null : failedBy([refused]);
    }
    case 'failed': {
      const name = describeRef(wanted.ref);
      const lines = await linesOf(app, target, context, options.signal);
      const next = `delete the Job to have it run again`;
      const message = `hook ${name}: ${entry.reason.replace(/\.$/, '')}; ${next}. Its last lines: ${lines}`;
      return failedBy([problem(wanted.ref, 'hook-failed', message)]);
    }
  }
}

async function save(
  app: Application,
  { inventories }: Context,
  change: (inventory: NonNullable<Application['inventory']>) => NonNullable<Application['inventory']>,
): Promise<void> {
  if (app.inventory === null) return;
  const after = change(app.inventory);
  if (after === app.inventory) return;
  await inventories.save(after);
  app.inventory = after;
}

/** Read once for each Job that has failed, not in every pass. */
async function linesOf(
  app: Application,
  { wanted, resource }: HookTarget,
  { kube, observer }: Context,
  signal: AbortSignal,
): Promise<string> {
  const uid = observer.find(wanted.ref, resource)?.uid ?? '';
  const known = app.run?.logs.get(uid);
  if (known !== undefined) return known;
  const lines = await lastLines(kube, wanted.ref, uid, signal);
  app.run?.logs.set(uid, lines);
  return lines;
}
