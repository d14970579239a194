import type { KubeObject } from '../../core/objects/object.ts';
import { mapOf, mapsOf } from '../kinds/defaults/draft.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/**
 * Conditions as a status lists them. One that says what it said keeps its times.
 * @param updates whether each also tells when it was last updated, as those of Deployments do
 */
export function conditionsOf(
  object: KubeObject,
  time: string,
  wanted: readonly Condition[],
  updates = false,
): unknown[] {
  const old = mapsOf(mapOf(object, 'status'), 'conditions');
  return wanted.map((condition) => {
    const before = old.find(({ type }) => type === condition.type);
    const same = before?.status === condition.status;
    const said = same && before?.reason === condition.reason && before?.message === condition.message;
    return {
      ...condition,
      ...(updates ? { lastUpdateTime: said ? before?.lastUpdateTime : time } : {}),
      lastTransitionTime: same ? before?.lastTransitionTime : time,
    };
  });
}
