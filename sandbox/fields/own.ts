import type { KubeObject } from '../../core/objects/object.ts';
import { applyConflict, type Cause } from '../api/error.ts';
import type { Type } from '../schema/type.ts';
import { compare } from './compare.ts';
import {
  difference,
  emptySet,
  equalSets,
  type FieldSet,
  intersection,
  isEmptySet,
  members,
  pathText,
  setOf,
  union,
  without,
} from './field-set.ts';
import { type Managed, type Managers, ownable, type Writer, writerKey } from './managers.ts';
import { merge } from './merge.ts';
import { removeFields } from './remove.ts';
import { setOfValue } from './set-of-value.ts';

export interface Owned {
  readonly object: KubeObject;
  readonly managers: Managers;
}

/**
 * Server-side apply: lays what is applied over the live object, takes away what this applier no longer applies and
 * nobody else owns, and records it as the owner of what it applied.
 * @param live without managed fields; null where there is none
 * @throws ApiError 409 with the fields of others that it would change, unless it forces them
 */
export function applyOwned(
  type: Type,
  live: KubeObject | null,
  applied: KubeObject,
  managers: Managers,
  writer: Writer,
  options: { readonly force: boolean; readonly time: string },
): Owned {
  const key = writerKey(writer);
  const fields = ownable(setOfValue(type, applied));
  const before = managers.get(key);
  const others = new Map([...managers].filter(([other]) => other !== key));
  const owned = [...others.values()].reduce((sum, other) => union(sum, other.fields), fields);
  const merged = merge(type, live ?? undefined, applied);
  const object = removeFields(type, merged, abandoned(before?.fields ?? emptySet, owned)) as KubeObject;

  const { changed, removed } = compare(type, live ?? {}, object);
  const taken = [...others.values()]
    .map((other) => ({ other, fields: intersection(other.fields, changed) }))
    .filter((conflict) => !isEmptySet(conflict.fields));
  if (taken.length > 0 && !options.force) throw conflictOf(taken);

  const left = dispossess(others, changed, removed);
  const same = before !== undefined && equalSets(before.fields, fields);
  const quiet = same && taken.length === 0 && isEmptySet(ownable(changed)) && isEmptySet(ownable(removed));
  left.set(key, { ...writer, time: quiet ? before.time : options.time, fields });
  return { object, managers: left };
}

/** An update or a patch: whoever sends it owns what it changed, and takes it from whoever owned it. */
export function updateOwned(
  type: Type,
  before: KubeObject | null,
  after: KubeObject,
  managers: Managers,
  writer: Writer,
  time: string,
): Managers {
  const key = writerKey(writer);
  const { changed, removed } = compare(type, before ?? {}, after);
  const own = managers.get(key);
  const others = new Map([...managers].filter(([other]) => other !== key));
  const left = dispossess(others, changed, removed);
  const fields = without(union(own?.fields ?? emptySet, ownable(changed)), removed);
  if (isEmptySet(fields)) return left;
  const same = own !== undefined && equalSets(own.fields, fields);
  left.set(key, { ...writer, time: same ? own.time : time, fields });
  return left;
}

/** What was owned by the last apply and by nobody now. */
function abandoned(last: FieldSet, owned: FieldSet): FieldSet {
  return setOf(
    false,
    [...last.children].map(([key, child]) => {
      const still = owned.children.get(key);
      return [key, still === undefined ? { ...child, member: true } : abandoned(child, still)];
    }),
  );
}

function dispossess(managers: Managers, changed: FieldSet, removed: FieldSet): Map<string, Managed> {
  const left = new Map<string, Managed>();
  for (const [key, managed] of managers) {
    const fields = without(difference(managed.fields, changed), removed);
    if (!isEmptySet(fields)) left.set(key, { ...managed, fields });
  }
  return left;
}

function conflictOf(taken: readonly { readonly other: Managed; readonly fields: FieldSet }[]): Error {
  const conflicts = taken.flatMap(({ other, fields }) =>
    [...members(fields)].map((path) => ({ manager: nameOf(other), field: pathText(path) })),
  );
  const causes = conflicts.map(
    ({ manager, field }): Cause => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${manager}`,
      field,
    }),
  );
  const [only] = conflicts;
  if (conflicts.length === 1 && only !== undefined) {
    return applyConflict(`Apply failed with 1 conflict: conflict with ${only.manager}: ${only.field}`, causes);
  }
  const names = [...new Set(conflicts.map(({ manager }) => manager))].sort();
  const words = names.map((name) => {
    const fields = conflicts.filter(({ manager }) => manager === name).map(({ field }) => `- ${field}`);
    return [`conflicts with ${name}:`, ...fields].join('\n');
  });
  return applyConflict(`Apply failed with ${conflicts.length} conflicts: ${words.join('\n')}`, causes);
}

function nameOf({ manager, operation, apiVersion, subresource, time }: Managed): string {
  const name = `${JSON.stringify(manager)}${subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`}`;
  if (operation === 'Apply') return name;
  return `${name} using ${apiVersion}${time === '' ? '' : ` at ${time}`}`;
}
