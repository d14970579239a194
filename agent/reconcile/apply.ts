import { withNormalised } from '../../core/apply/inventory.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { KubeError } from '../kube/port.ts';
import type { Application } from './application.ts';
import type { Context } from './context.ts';
import { isPassing, problemOf } from './problems.ts';
import { deleteSeen } from './prune.ts';
import { releaseFromTools } from './release.ts';
import type { Verdict } from './validate.ts';

/** A write that the dry run has passed. */
export type ValidWrite = Extract<Verdict, { verdict: 'write' }>;

/**
 * Writes one object, takes the answer in as what stands, and remembers what of it is the server's own spelling (A3).
 * What is replaced is deleted first; where that takes its time, the next pass creates it anew, and the inventory knows
 * of it all the while (A8).
 * @returns what the API server refused after all
 * @throws KubeError where it cannot answer, for now
 */
export async function applyOne(
  app: Application,
  { target, entry, write, creates, conflicts }: ValidWrite,
  { kube, observer, stopping }: Context,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<ObjectProblem | null> {
  options.signal.throwIfAborted();
  const { wanted, resource } = target;
  if (entry.action === 'replace') {
    const refused = await deleteSeen(wanted.ref, entry.live.uid, kube, options);
    if (refused !== null) return refused;
    if ((await observer.read(resource, wanted.ref)) !== null) return null;
    options.signal.throwIfAborted();
  }
  // A new assignment waits for a write that has begun: called off, it might still be carried out, unseen (A5).
  const call = { force: write.force, signal: stopping, ...(options.as === null ? {} : { as: options.as }) };
  try {
    if ('live' in entry && entry.live.abandoned.length > 0) await releaseFromTools(target, kube, call);
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
