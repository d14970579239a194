import { KubeError } from '../../agent/kube/port.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { fieldManager, groupOf, type KubeObject, type ManagedFields } from '../../core/objects/object.ts';
import { fieldsV1, leavesOf, merged, type Path, pathsIn, removeLeaf, valueIn } from './fields.ts';

/** An object and who set which of its leaves. */
export interface Stored {
  readonly object: KubeObject;
  readonly managers: readonly Manager[];
}

interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly leaves: ReadonlyMap<string, Path>;
  readonly time: string;
}

const keyOf = (path: Path) => JSON.stringify(path);
const asMap = (paths: readonly Path[]) => new Map(paths.map((path) => [keyOf(path), path]));

/**
 * Server-side apply as Fairway, on one object; null as `live` creates it.
 * @throws KubeError `conflict` with a cause for each leaf that another manager has set otherwise, unless forced
 */
export function applied(live: Stored | null, object: KubeObject, force: boolean, time: string): Stored {
  const leaves = asMap(leavesOf(object));
  const before = live?.managers.find(({ name, operation }) => name === fieldManager && operation === 'Apply');
  const others = live?.managers.filter((manager) => manager !== before) ?? [];
  const differs = (path: Path) => canonicalJson(valueIn(live?.object, path)) !== canonicalJson(valueIn(object, path));
  const contested = new Set<string>();
  const causes = others.flatMap((manager) =>
    [...leaves].flatMap(([key, path]) => {
      if (!manager.leaves.has(key) || path.at(-1)?.startsWith('k:') || !differs(path)) return [];
      contested.add(key);
      const message = `conflict with "${manager.name}" using ${object.apiVersion}`;
      return [{ reason: 'FieldManagerConflict', message, field: fieldText(path) }];
    }),
  );
  if (causes.length > 0 && !force)
    throw new KubeError('conflict', `Apply failed with ${causes.length} conflicts`, {
      status: 409,
      reason: 'Conflict',
      causes,
    });
  const base = structuredClone(live?.object ?? object);
  for (const [key, path] of before?.leaves ?? [])
    if (!leaves.has(key) && !others.some((manager) => manager.leaves.has(key))) removeLeaf(base, path);
  const next = merged(base, object, groupOf(object.apiVersion), object.kind, []) as KubeObject;
  next.metadata = merged(base.metadata, object.metadata, '', '', ['metadata']) as KubeObject['metadata'];
  const isSame =
    before !== undefined &&
    canonicalJson([...before.leaves.keys()].sort()) === canonicalJson([...leaves.keys()].sort());
  const own: Manager = {
    name: fieldManager,
    operation: 'Apply',
    leaves,
    time: isSame && contested.size === 0 ? before.time : time,
  };
  const rest = others.map((manager) => withoutLeaves(manager, contested)).filter((manager) => manager.leaves.size > 0);
  return { object: next, managers: [...rest, own] };
}

/** A write of another manager that is no apply: it owns every leaf that it has changed, and nobody else does. */
export function updated(live: Stored, object: KubeObject, manager: string, time: string): Stored {
  const changed = asMap(
    leavesOf(object).filter(
      (path) => canonicalJson(valueIn(live.object, path)) !== canonicalJson(valueIn(object, path)),
    ),
  );
  const standing = new Set(leavesOf(object).map(keyOf));
  const gone = [...live.managers.flatMap(({ leaves }) => [...leaves.keys()])].filter((key) => !standing.has(key));
  const taken = new Set([...changed.keys(), ...gone]);
  const managers = live.managers.map((own) => withoutLeaves(own, taken));
  const same = managers.find(({ name, operation }) => name === manager && operation === 'Update');
  const own: Manager = {
    name: manager,
    operation: 'Update',
    leaves: new Map([...(same?.leaves ?? []), ...changed]),
    time,
  };
  return {
    object,
    managers: [...managers.filter((other) => other !== same), own].filter(({ leaves }) => leaves.size > 0),
  };
}

/** `metadata.managedFields` of an object. */
export function managedFields({ object, managers }: Stored): ManagedFields[] {
  return managers.map(({ name, operation, leaves, time }) => ({
    manager: name,
    operation,
    apiVersion: object.apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsV1(leaves.values()),
  }));
}

/** The owner that an entry of `metadata.managedFields` tells of. */
export function managerOf({ manager = '', operation, time = '', fieldsV1 = {} }: ManagedFields): Manager {
  return {
    name: manager,
    operation: operation === 'Apply' ? 'Apply' : 'Update',
    leaves: asMap(pathsIn(fieldsV1)),
    time,
  };
}

function withoutLeaves(manager: Manager, taken: ReadonlySet<string>): Manager {
  return { ...manager, leaves: new Map([...manager.leaves].filter(([key]) => !taken.has(key))) };
}

/** As the API server writes it: `.spec.containers[name="web"].image`. */
function fieldText(path: Path): string {
  return path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as object);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
