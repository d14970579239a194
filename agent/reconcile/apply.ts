import { withNormalised } from '../../core/inventory.ts';
import { inOrder } from '../../core/order.ts';
import type { ObjectProblem } from '../../core/status.ts';
import { KubeError } from '../kube/port.ts';
import type { Application } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { isPassing, problemOf } from './problems.ts';
import type { Verdict } from './validate.ts';

/** A write that the dry run has passed. */
export type ValidWrite = Extract<Verdict, { verdict: 'write' }>;

/**
 * Writes what the dry run has passed, in order; the next group begins only when the one before stands whole (A2, A3).
 * @returns what the API server refused after all
 * @throws KubeError where it cannot answer, for now
 */
export async function applyAll(
  app: Application,
  writes: readonly ValidWrite[],
  context: Context,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<readonly ObjectProblem[]> {
  const ordered = writes.map((write) => ({ ref: write.target.wanted.ref, object: write.target.wanted.object, write }));
  for (const group of inOrder(ordered)) {
    const problems = await bounded(group.objects, context.requests, ({ write }) =>
      applyOne(app, write, context, options),
    );
    const refused = problems.filter((problem) => problem !== null);
    if (refused.length > 0) return refused;
  }
  return [];
}

/** Writes one object, takes the answer in as what stands, and remembers what of it is the server's own spelling. */
export async function applyOne(
  app: Application,
  { target, write, creates, conflicts }: ValidWrite,
  { kube, observer }: Context,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<ObjectProblem | null> {
  options.signal.throwIfAborted();
  const { wanted, resource } = target;
  const call = { force: write.force, signal: options.signal, ...(options.as === null ? {} : { as: options.as }) };
  try {
    const { object } = await kube.apply(resource, write.object, call);
    const record = observer.take(resource, object);
    app.run?.[creates ? 'created' : 'changed'].add(wanted.key);
    const yielded = new Set(conflicts.map(({ field }) => field));
    const residue = record.differences.filter(({ pointer }) => !yielded.has(pointer));
    if (app.inventory !== null) app.inventory = withNormalised(app.inventory, wanted.key, wanted.digest, residue);
    return null;
  } catch (error) {
    if (!(error instanceof KubeError) || isPassing(error)) throw error;
    return problemOf(error, wanted.ref, write.object);
  }
}
