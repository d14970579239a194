import { isMap, type Type, typeOf } from '../schema/type.ts';
import { isWhole, membersOf } from './element.ts';
import { type FieldSet, leafSet, setOf } from './field-set.ts';

/**
 * The fields that a value sets, as an applier comes to own them: leaves, items of merged lists, members of maps that
 * are no fields of a struct, and empty maps.
 */
export function setOfValue(type: Type, value: unknown): FieldSet {
  if (isWhole(type, value)) return leafSet;
  const known = typeOf(type, value);
  return setOf(
    false,
    membersOf(type, value).map(({ key, value: inner, type: innerType }) => {
      const set = setOfValue(innerType, inner);
      const declared = known.is === 'map' && known.fields.has(key.slice(2));
      const empty = inner === null || (isMap(inner) && Object.keys(inner).length === 0);
      return [key, { ...set, member: set.member || empty || !declared }];
    }),
  );
}
