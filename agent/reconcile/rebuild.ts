import { foundJob, type HookJob } from '../../core/apply/hooks.ts';
import {
  fieldManager,
  groupOf,
  type KubeObject,
  type ObjectRef,
  ownerLabel,
  refOf,
} from '../../core/objects/object.ts';
import { type Kube, KubeError } from '../kube/port.ts';
import { bounded } from './bounded.ts';

/** What stands of one application. */
interface Tracked {
  readonly refs: ObjectRef[];
  /** Those that are the Jobs of hooks. */
  readonly jobs: HookJob[];
}

/**
 * What Fairway has applied to the cluster, by application: every listable kind is read, metadata only. A label alone is
 * no proof, for controllers copy labels (Endpoints have those of their Service): Fairway must have applied the object,
 * and through this very group, for one object may be served by two.
 * @param application one alone, or null for all
 * @throws KubeError where a kind cannot be listed for a reason that may pass
 */
export async function trackedObjects(kube: Kube, application: string | null): Promise<ReadonlyMap<string, Tracked>> {
  const labelSelector = application === null ? ownerLabel : `${ownerLabel}=${application}`;
  const tracked = new Map<string, Tracked>();
  await bounded(await kube.resources(), 8, async (resource) => {
    const { items } = await listOrNone(() => kube.list(resource, { labelSelector, metadataOnly: true }));
    for (const item of items) {
      const owner = item.metadata.labels?.[ownerLabel];
      if (owner === undefined || !isAppliedThrough(item, resource.group)) continue;
      const { group, kind } = resource;
      const ref = { ...refOf(item), group, kind };
      const own = tracked.get(owner) ?? { refs: [], jobs: [] };
      tracked.set(owner, own);
      const job = foundJob(ref, item);
      if (job === null) own.refs.push(ref);
      else own.jobs.push(job);
    }
  });
  return tracked;
}

/** A kind that vanished or that the agent may not list has nothing of Fairway's: it could not have applied it. */
async function listOrNone(list: () => Promise<{ items: readonly KubeObject[] }>) {
  try {
    return await list();
  } catch (error) {
    if (
      error instanceof KubeError &&
      (error.code === 'not-found' || error.code === 'forbidden' || error.status === 405)
    )
      return { items: [] };
    throw error;
  }
}

function isAppliedThrough(item: KubeObject, group: string): boolean {
  return (item.metadata.managedFields ?? []).some(
    ({ manager, operation, apiVersion = '' }) =>
      manager === fieldManager && operation === 'Apply' && groupOf(apiVersion) === group,
  );
}
