import { releasedByTools } from '../../core/fields/released-by-tools.ts';
import { type CallOptions, type Kube, KubeError } from '../kube/port.ts';
import type { Target } from './resolve.ts';

/** Somebody may change the object meanwhile; so often it is tried. */
const tries = 5;

/**
 * Before fields that the bundle no longer sets are taken away: people's tools give up what they own of them (A4).
 * @throws KubeError where the API server cannot answer, for now
 */
export async function releaseFromTools({ wanted, resource }: Target, kube: Kube, options: CallOptions): Promise<void> {
  for (let left = tries; ; left -= 1) {
    const live = await kube.get(resource, wanted.ref, options);
    const managedFields = live === null ? null : releasedByTools(live, wanted);
    if (live === null || managedFields === null) return;
    const { resourceVersion = '' } = live.metadata;
    try {
      return await kube.replaceOwners(resource, wanted.ref, { managedFields, resourceVersion }, options);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 'conflict' || left === 0) throw error;
    }
  }
}
