import { describeRef, type ObjectRef, refKey } from '../../core/object.ts';
import { inPruneOrder } from '../../core/order.ts';
import type { Planned } from '../../core/plan.ts';
import type { ObjectProblem } from '../../core/status.ts';
import { type Kube, KubeError, type Resource } from '../kube/port.ts';
import type { Application } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import { problem, problemOf } from './problems.ts';
import type { Eyes } from './survey.ts';

/**
 * Deletes what left the bundle, the reverse way of writing it, each only as the very object that the plan saw (A6).
 * @returns what was deleted, and what could not be
 */
export async function prune(
  app: Pick<Application, 'deleted'>,
  entries: readonly Planned<'prune'>[],
  { kube, requests }: Pick<Context, 'kube' | 'requests'>,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<{ readonly pruned: readonly ObjectRef[]; readonly problems: readonly ObjectProblem[] }> {
  const pruned: ObjectRef[] = [];
  const problems: ObjectProblem[] = [];
  for (const group of inPruneOrder(entries))
    await bounded(group, requests, async ({ ref, live }) => {
      options.signal.throwIfAborted();
      const refusal = await deleteSeen(ref, live.uid, kube, options);
      if (refusal !== null) {
        problems.push(refusal);
        return;
      }
      app.deleted.add(live.uid);
      pruned.push(ref);
    });
  return { pruned, problems };
}

/**
 * Deletes an object if it still is the one that was seen, with all that it owns.
 * @returns what the API server refused; null: it is gone, or going
 * @throws KubeError where it cannot answer, for now
 */
export async function deleteSeen(
  ref: ObjectRef,
  uid: string,
  kube: Kube,
  { as, signal }: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<ObjectProblem | null> {
  const resource = await kube.resourceOf(ref.group, ref.kind);
  if (resource === null) return null; // Its kind went, and all objects with it.
  try {
    await kube.delete(resource, ref, { uid, propagation: 'Background', signal, ...(as === null ? {} : { as }) });
    return null;
  } catch (error) {
    if (!(error instanceof KubeError) || isUnsaid(error)) throw error;
    return problemOf(error, ref, null);
  }
}

function isUnsaid({ code }: KubeError): boolean {
  return code === 'unavailable' || code === 'throttled' || code === 'gone';
}

/** What is told of objects that left the bundle and stay: held for a person's word, or kept for what is in them. */
export function leftStanding(
  entries: readonly (Planned<'protect'> | Planned<'hold'>)[],
  application: string,
): readonly ObjectProblem[] {
  const held = entries.filter(({ action }) => action === 'hold');
  const kept = entries.filter(({ action }) => action === 'protect');
  const left = (ref: ObjectRef) => `${describeRef(ref)} is no longer in the bundle and stays`;
  return [
    ...held.map(({ ref, reason }) =>
      problem(
        ref,
        'prune-held',
        `${left(ref)}: ${reason}, by \`fairway approve prune CLUSTER ${application}\` or a promotion whose plan lists it`,
      ),
    ),
    ...kept.map(({ ref, reason }) =>
      problem(
        ref,
        'kept',
        `${left(ref)}: ${reason}. To let it go, delete it yourself; to keep it for good, take the label fairway.dev/application off it`,
      ),
    ),
  ];
}

/**
 * Why objects that left the bundle may not go, where only the cluster knows: namespaces that hold claims or objects of
 * an application, definitions with live objects (A7). By key.
 */
export async function heldState(
  application: string,
  left: readonly ObjectRef[],
  eyes: Eyes,
  { kube }: Pick<Context, 'kube'>,
): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  const leaving = new Set(left.map(refKey));
  for (const ref of left) {
    const reason =
      ref.group === '' && ref.kind === 'Namespace'
        ? await namespaceHolds(application, ref.name, leaving, eyes, kube)
        : ref.group === 'apiextensions.k8s.io' && ref.kind === 'CustomResourceDefinition'
          ? await definitionHolds(ref.name, kube)
          : null;
    if (reason !== null) reasons.set(refKey(ref), reason);
  }
  return reasons;
}

async function namespaceHolds(
  application: string,
  namespace: string,
  leaving: ReadonlySet<string>,
  eyes: Eyes,
  kube: Kube,
): Promise<string | null> {
  const other = eyes.inNamespace(namespace).find(({ ref, owner }) => owner !== null && !leaving.has(refKey(ref)));
  if (other !== undefined) {
    const whose = other.owner === application ? 'this application' : `application ${other.owner}`;
    return `it holds ${describeRef(other.ref)} of ${whose}`;
  }
  const claims = await kube.resourceOf('', 'PersistentVolumeClaim');
  if (claims === null) return null;
  const { items } = await kube.list(claims, { namespace, metadataOnly: true });
  return items.length === 0 ? null : `it holds ${items.length} persistent volume claims`;
}

async function definitionHolds(name: string, kube: Kube): Promise<string | null> {
  const defined = definedBy(name, await kube.resources());
  if (defined === null) return null;
  const { items } = await kube.list(defined, { metadataOnly: true });
  return items.length === 0 ? null : `${items.length} ${defined.plural} still stand`;
}

/** A definition is named by the plural and the group of its kind. */
function definedBy(name: string, resources: readonly Resource[]): Resource | null {
  return resources.find(({ plural, group }) => `${plural}.${group}` === name) ?? null;
}
