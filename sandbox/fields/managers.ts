import type { KubeObject, ManagedFields } from '../../core/objects/object.ts';
import { type FieldSet, fromFieldsV1, isEmptySet, toFieldsV1, without } from './field-set.ts';

/** Who writes, and through which door. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** `status`, `scale`, or empty. */
  readonly subresource: string;
}

/** The fields that one writer has set. */
export interface Managed extends Writer {
  readonly time: string;
  readonly fields: FieldSet;
}

/** All writers of an object, by `writerKey`. */
export type Managers = ReadonlyMap<string, Managed>;

/** An applier is the same in every version; one that updates is not. */
export function writerKey({ manager, operation, apiVersion, subresource }: Writer): string {
  return JSON.stringify([operation, manager, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/** The writers that an object's `metadata.managedFields` lists. */
export function readManagers(object: KubeObject | null): Managers {
  const managers = new Map<string, Managed>();
  for (const entry of object?.metadata.managedFields ?? []) {
    const { manager = '', operation, apiVersion = '', subresource = '', time = '', fieldsV1 } = entry;
    const writer: Writer = {
      manager,
      operation: operation === 'Apply' ? 'Apply' : 'Update',
      apiVersion,
      subresource,
    };
    managers.set(writerKey(writer), { ...writer, time, fields: fromFieldsV1(fieldsV1) });
  }
  return managers;
}

/** The writers as `metadata.managedFields` lists them: appliers first, then by time and name. */
export function writeManagers(managers: Managers): ManagedFields[] {
  const order = ({ operation, time, manager }: Managed) => `${operation} ${time} ${manager}`;
  return [...managers.values()]
    .filter(({ fields }) => !isEmptySet(fields))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === '' ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === '' ? {} : { subresource }),
    }));
}

/** What the server itself fills in, and nobody owns. */
const unowned = fromFieldsV1({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    'f:name': {},
    'f:namespace': {},
    'f:creationTimestamp': {},
    'f:deletionTimestamp': {},
    'f:deletionGracePeriodSeconds': {},
    'f:selfLink': {},
    'f:uid': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:resourceVersion': {},
  },
});

/** The fields of a set that somebody may own. The nodes that only lead to others are none. */
export function ownable(set: FieldSet): FieldSet {
  const rest = without({ ...set, member: false }, unowned);
  const metadata = rest.children.get('f:metadata');
  if (metadata?.member !== true) return rest;
  return withoutEmptyMetadata(rest, { ...metadata, member: false });
}

function withoutEmptyMetadata(set: FieldSet, metadata: FieldSet): FieldSet {
  const children = new Map(set.children);
  if (isEmptySet(metadata)) children.delete('f:metadata');
  else children.set('f:metadata', metadata);
  return { member: set.member, children };
}
