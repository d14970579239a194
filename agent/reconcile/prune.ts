import { inPruneOrder } from '../../core/apply/order.ts';
import type { Planned } from '../../core/apply/plan.ts';
import type { ObjectProblem } from '../../core/link/status.ts';
import { describeRef, type ObjectRef, ownerLabel, refKey } from '../../core/objects/object.ts';
import { type Kube, KubeError, type Resource } from '../kube/port.ts';
import type { Application } from './application.ts';
import { bounded } from './bounded.ts';
import type { Context } from './context.ts';
import type { InventoryStore } from './inventory-store.ts';
import { isPassing, problem, problemOf } from './problems.ts';

/** What came of deleting what left a bundle. */
interface Pruning {
  readonly pruned: readonly ObjectRef[];
  readonly problems: readonly ObjectProblem[];
  /** The application that is looked at first, for something may have moved to it (A12); null: all was tried. */
  readonly awaits: string | null;
}

/** Milliseconds until another look, where another application is looked at first. */
export const arrivalPause = 250;

/**
 * Deletes what left the bundle, the reverse way of writing it, each only as the very object that the plan saw (A6).
 * @param arriving an application that the plan could not know of yet; null: there is none
 */
export async function prune(
  app: Pick<Application, 'deleted'>,
  entries: readonly Planned<'prune'>[],
  arriving: string | null,
  { kube, requests }: Pick<Context, 'kube' | 'requests'>,
  options: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<Pruning> {
  if (entries.length > 0 && arriving !== null) return { pruned: [], problems: [], awaits: arriving };
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
  return { pruned, problems, awaits: null };
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
    if (!(error instanceof KubeError) || isPassing(error)) throw error;
    return problemOf(error, ref, null);
  }
}

/**
 * What is told of objects that left the bundle and stand: held for a person's word, kept for what is in them, or on
 * their way out for as long as somebody's finalizer holds them.
 */
export function leftStanding(
  entries: readonly Planned<'protect' | 'hold' | 'leaving'>[],
  application: string,
): readonly ObjectProblem[] {
  const held = entries.filter(({ action }) => action === 'hold');
  const kept = entries.filter(({ action }) => action === 'protect');
  const leaving = entries.filter(({ action }) => action === 'leaving');
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
    ...leaving.map(({ ref, reason }) =>
      problem(ref, 'leaving', `${describeRef(ref)} is no longer in the bundle: ${reason}`),
    ),
  ];
}

/**
 * Why objects that left the bundle may not go, where only the cluster knows: namespaces that hold claims or objects of
 * another application, definitions with live objects (A7). By key.
 */
export async function heldState(
  application: string,
  left: readonly ObjectRef[],
  { kube, inventories }: Pick<Context, 'kube' | 'inventories'>,
): Promise<ReadonlyMap<string, string>> {
  const reasons = new Map<string, string>();
  for (const ref of left) {
    const reason =
      ref.group === '' && ref.kind === 'Namespace'
        ? ((await othersHold(application, ref.name, kube, inventories)) ?? (await claimsHold(ref.name, kube)))
        : ref.group === 'apiextensions.k8s.io' && ref.kind === 'CustomResourceDefinition'
          ? await definitionHolds(ref.name, kube)
          : null;
    if (reason !== null) reasons.set(refKey(ref), reason);
  }
  return reasons;
}

/** Inventories know of what no watch sees: the kinds of applications that the cluster is assigned no more. */
async function othersHold(
  application: string,
  namespace: string,
  kube: Kube,
  inventories: Pick<InventoryStore, 'all'>,
): Promise<string | null> {
  for (const { application: other, refs } of await inventories.all()) {
    if (other === application) continue;
    for (const ref of refs.filter((each) => each.namespace === namespace)) {
      const resource = await kube.resourceOf(ref.group, ref.kind);
      const live = resource === null ? null : await kube.get(resource, ref);
      if (live?.metadata.labels?.[ownerLabel] === other) return `it holds ${describeRef(ref)} of application ${other}`;
    }
  }
  return null;
}

async function claimsHold(namespace: string, kube: Kube): Promise<string | null> {
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
