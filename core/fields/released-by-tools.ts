import type { Wanted } from '../apply/desired.ts';
import type { KubeObject, ManagedFields } from '../objects/object.ts';
import { isPersonsTool } from './managers.ts';
import { abandonedFields, fieldOwners } from './owners.ts';

/**
 * The managed fields of a live object once people's tools have given up what Fairway is about to take away; null where
 * they hold none of it. Whoever ran `kubectl apply` before Fairway took over still owns what both have set alike, and
 * would keep it when the bundle drops it (A4). What a controller owns too, stays with it.
 */
export function releasedByTools(live: KubeObject, wanted: Wanted): ManagedFields[] | null {
  const { managedFields = [] } = live.metadata;
  const abandoned = abandonedFields(fieldOwners(managedFields), wanted.object, wanted.ignored);
  let released = false;
  const left = managedFields.flatMap((entry) => {
    const { manager = '', operation, subresource = '', fieldsV1 } = entry;
    if (operation !== 'Update' || subresource !== '' || !isPersonsTool(manager) || fieldsV1 === undefined)
      return [entry];
    const rest = abandoned.reduce<Fields | null>(
      (fields, path) => (fields === null ? null : without(fields, path)),
      fieldsV1,
    );
    if (rest === fieldsV1) return [entry];
    released = true;
    return rest === null ? [] : [{ ...entry, fieldsV1: rest }];
  });
  return released ? left : null;
}

type Fields = Record<string, unknown>;

/** A set of fields without one of them; the same where it is not in it, and null where nothing is left. */
function without(fields: Fields, path: readonly string[]): Fields | null {
  const [first, ...rest] = path;
  if (first === undefined) return null;
  const key = /^[kv]:/.test(first) ? first : `f:${first}`;
  const inner = fields[key] as Fields | undefined;
  if (inner === undefined) return fields;
  const left = without(inner, rest);
  if (left === inner) return fields;
  const { [key]: _, ...others } = fields;
  if (left !== null) return { ...others, [key]: left };
  return Object.keys(others).length === 0 ? null : others;
}
