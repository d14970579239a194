import { describeRef, type ObjectRef, refKey } from '../../core/object.ts';
import type { Planned } from '../../core/plan.ts';
import type { ObjectProblem } from '../../core/status.ts';
import { KubeError, type Resource } from '../kube/port.ts';
import type { Context } from './context.ts';
import { problem, problemOf } from './problems.ts';

/**
 * Deletes what left the bundle, in order, each only as the very object that the plan saw (A6).
 * @returns what was deleted, and what could not be
 */
export async function prune(
  entries: readonly Planned<'prune'>[],
  context: Context,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<{ readonly pruned: readonly ObjectRef[]; readonly problems: readonly ObjectProblem[] }> {
  const pruned: ObjectRef[] = [];
  const problems: ObjectProblem[] = [];
  for (const { ref, live } of entries) {
    options.signal.throwIfAborted();
    const resource = await context.kube.resourceOf(ref.group, ref.kind);
    if (resource === null) continue; // Its kind went, and all objects with it.
    try {
      await context.kube.delete(resource, ref, {
        uid: live.uid,
        propagation: 'Background',
        signal: options.signal,
        ...(options.as === null ? {} : { as: options.as }),
      });
      pruned.push(ref);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      problems.push(problemOf(error, ref, null));
    }
  }
  return { pruned, problems };
}

/** What is told of objects that left the bundle and stay: kept for the state in them, or held for a person's word. */
export function leftStanding(entries: readonly (Planned<'protect'> | Planned<'hold'>)[]): readonly ObjectProblem[] {
  return entries.map(({ action, ref, reason }) => {
    const code = action === 'hold' ? 'prune-held' : 'kept';
    return problem(ref, code, `${describeRef(ref)} is no longer in the bundle and stays: ${reason}`);
  });
}

/**
 * Why objects that left the bundle may not go, where only the cluster knows: namespaces that hold claims or objects of
 * an application, definitions with live objects (A7). By key.
 */
export async function heldState(
  application: string,
  left: readonly ObjectRef[],
  context: Context,
): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  const leaving = new Set(left.map(refKey));
  for (const ref of left) {
    const reason =
      ref.group === '' && ref.kind === 'Namespace'
        ? await namespaceHolds(application, ref.name, leaving, context)
        : ref.group === 'apiextensions.k8s.io' && ref.kind === 'CustomResourceDefinition'
          ? await definitionHolds(ref.name, context)
          : null;
    if (reason !== null) reasons.set(refKey(ref), reason);
  }
  return reasons;
}

async function namespaceHolds(
  application: string,
  namespace: string,
  leaving: ReadonlySet<string>,
  { kube, observer }: Context,
): Promise<string | null> {
  const other = observer.inNamespace(namespace).find(({ ref, owner }) => owner !== null && !leaving.has(refKey(ref)));
  if (other !== undefined) {
    const whose = other.owner === application ? 'this application' : `application ${other.owner}`;
    return `it holds ${describeRef(other.ref)} of ${whose}`;
  }
  const claims = await kube.resourceOf('', 'PersistentVolumeClaim');
  if (claims === null) return null;
  const { items } = await kube.list(claims, { namespace, metadataOnly: true });
  return items.length === 0 ? null : `it holds ${items.length} persistent volume claims`;
}

async function definitionHolds(name: string, { kube }: Context): Promise<string | null> {
  const defined = definedBy(name, await kube.resources());
  if (defined === null) return null;
  const { items } = await kube.list(defined, { metadataOnly: true });
  return items.length === 0 ? null : `${items.length} ${defined.plural} still stand`;
}

/** A definition is named by the plural and the group of its kind. */
function definedBy(name: string, resources: readonly Resource[]): Resource | null {
  return resources.find(({ plural, group }) => `${plural}.${group}` === name) ?? null;
}
