import type { ConflictPolicy } from '../bundle.ts';
import type { Difference } from '../fields/diff.ts';
import { isPersonsTool } from '../fields/managers.ts';
import { annotationOf, conflictsAnnotation } from '../objects/annotations.ts';
import type { Wanted } from './desired.ts';
import { unexplained } from './inventory.ts';
import type { LiveRecord } from './live.ts';
import type { PlanEntry, PlanInput } from './plan.ts';

/**
 * What is to be done with one object that the bundle has.
 * @param live what stands in its place
 */
export function planObject(
  wanted: Wanted,
  live: LiveRecord | undefined,
  { inventory, conflicts, application }: Pick<PlanInput, 'inventory' | 'conflicts' | 'application'>,
): PlanEntry {
  if (live === undefined) return { action: 'create', wanted, reason: 'it does not exist' };
  if (live.deleting) return { action: 'wait', wanted, live, reason: 'it is being deleted' };
  const differing = unexplained(inventory, wanted.key, wanted.digest, live.differences);
  const yields = conflictsOf(wanted, conflicts) === 'yield';
  const yielded = yields ? differing.filter(({ manager }) => !isPersonsTool(manager)) : [];
  const fields = differing.filter((difference) => !yielded.includes(difference));
  if (!live.applied || live.owner !== application) {
    const reason = live.applied
      ? 'its label does not name this application'
      : 'it exists, and was not applied by Fairway';
    return { action: 'takeOver', wanted, live, fields, yielded, reason };
  }
  if (fields.length > 0 || live.abandoned.length > 0)
    return { action: 'change', wanted, live, fields, yielded, reason: changeReason(fields, live.abandoned) };
  if (yielded.length > 0) {
    const reason = `${yielded[0]?.manager} has set ${pointers(yielded)}`;
    return { action: 'conflict', wanted, live, yielded, reason };
  }
  return { action: 'unchanged', wanted, live, reason: 'it equals the bundle' };
}

/** Who wins where another controller has set a field: as the object says, else as its application does (A4). */
function conflictsOf({ object }: Wanted, policy: ConflictPolicy): ConflictPolicy {
  const own = annotationOf(object, conflictsAnnotation);
  return own === 'yield' || own === 'force' ? own : policy;
}

/** Why a change is made, as a sentence: the fields that differ, else what the bundle no longer sets. */
function changeReason(fields: readonly Difference[], abandoned: readonly string[]): string {
  if (fields.length === 0) return `the bundle no longer sets ${abandoned.slice(0, 3).join(', ')}`;
  return `${pointers(fields)} ${fields.length === 1 ? 'differs' : 'differ'}`;
}

function pointers(differences: readonly Difference[]): string {
  const shown = differences.slice(0, 3).map(({ pointer }) => pointer);
  const more = differences.length - shown.length;
  return `${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}
