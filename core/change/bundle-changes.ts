import { definedKinds, type Wanted, wantedObject } from '../apply/desired.ts';
import type { Bundle } from '../bundle.ts';
import { canonicalJson, digestOf } from '../canonical.ts';
import { pointersIn } from '../fields/pattern.ts';
import { pruneAnnotation } from '../objects/annotations.ts';
import { isClusterScoped } from '../objects/cluster-scoped.ts';
import { isSecret, type KubeObject, type ObjectRef, refKey } from '../objects/object.ts';
import type { Change, ObjectChange, RulesChange, Seal } from './change.ts';
import { type FieldValues, fieldDifferences } from './fields.ts';
import { showField } from './show-field.ts';

/**
 * What going from one bundle to another does, object by object, in the order of the newer bundle, then what leaves.
 * Pure, and without live state (P2): what agents find in their clusters may make them do less.
 * @param before null: nothing of the application is there
 * @param after null: the application is taken away (G9)
 * @param seal names what holds a Secret's values, so that nobody can guess them by the name (A11)
 */
export function bundleChanges(before: Bundle | null, after: Bundle | null, seal: Seal): readonly Change[] {
  const old = before === null ? new Map<string, Wanted>() : objectsOf(before);
  const wanted = after === null ? new Map<string, Wanted>() : objectsOf(after);
  const changes: Change[] = before === null || after === null ? [] : rulesChange(before, after);
  for (const [key, object] of wanted) {
    const previous = old.get(key);
    if (previous === undefined) changes.push(creation(object, seal));
    else changes.push(...changeOf(previous, object, seal));
  }
  for (const [key, object] of old) if (!wanted.has(key)) changes.push(departure(object));
  return changes;
}

/** The objects of a bundle as agents want them, by key. */
function objectsOf({ application, namespace, objects, ignore }: Bundle): ReadonlyMap<string, Wanted> {
  const defined = definedKinds(objects);
  return new Map(
    objects.map((object) => {
      const namespaced = object.metadata.namespace !== undefined || !isClusterScoped(object, defined);
      const wanted = wantedObject(object, application, namespaced, namespace ?? 'default', ignore);
      return [wanted.key, wanted];
    }),
  );
}

function creation({ ref, object }: Wanted, seal: Seal): ObjectChange {
  return { id: idOf('create', ref, object, seal), action: 'create', object: ref, encrypted: isEncrypted(object) };
}

function changeOf(before: Wanted, after: Wanted, seal: Seal): ObjectChange[] {
  const { ref } = after;
  const encrypted = isEncrypted(before.object) || isEncrypted(after.object);
  const members = new Set([...Object.keys(before.object), ...Object.keys(after.object)]);
  const ignored = pointersIn(after.ignored, after.object);
  const fields = [...members].flatMap((name) =>
    fieldDifferences({ ...ref, ignored }, name, before.object[name], after.object[name]),
  );
  if (fields.length === 0) return [];
  const shownFields = encrypted ? fields.filter(({ path }) => path[0] === 'metadata') : fields;
  return [
    {
      ...{ id: idOf('change', ref, valuesOf(fields), seal), action: 'change', object: ref, encrypted },
      fields: shownFields.map((field) => showField(ref, field)),
    },
  ];
}

/** What leaves the bundle is pruned, unless it keeps state whatever the cluster (A7). */
function departure({ ref, object }: Wanted): ObjectChange {
  const reason =
    object.metadata.annotations?.[pruneAnnotation] === 'never'
      ? `it is marked ${pruneAnnotation}: never`
      : ref.group === '' && (ref.kind === 'PersistentVolume' || ref.kind === 'PersistentVolumeClaim')
        ? 'it holds data'
        : null;
  if (reason === null) return { id: idOf('delete', ref, null), action: 'delete', object: ref };
  return { id: idOf('keep', ref, reason), action: 'keep', object: ref, reason };
}

/** Everything of a bundle that is no object. */
function rulesChange(before: Bundle, after: Bundle): RulesChange[] {
  const { application: _old, objects: _before, ...old } = before;
  const { application: _new, objects: _after, ...rules } = after;
  const kind = { group: '', kind: '', ignored: [] };
  const members = Object.keys(rules) as (keyof typeof rules)[];
  const fields = members.flatMap((name) => fieldDifferences(kind, name, old[name], rules[name]));
  if (fields.length === 0) return [];
  const id = digestOf(canonicalJson(['rules', valuesOf(fields)]));
  return [{ id, action: 'rules', fields: fields.map((field) => showField(kind, field)) }];
}

function valuesOf(fields: readonly FieldValues[]): unknown {
  return fields.map(({ field, before, after }) => [field, before ?? null, after ?? null]);
}

function idOf(action: string, ref: ObjectRef, content: unknown, seal?: Seal) {
  const text = canonicalJson([action, refKey(ref), content]);
  return digestOf(seal !== undefined && isSecret(ref) ? seal(text) : text);
}

function isEncrypted(object: KubeObject): boolean {
  return object.sops !== undefined;
}
