import { canonicalJson } from '../../core/canonical.ts';
import type { Type } from '../schema/type.ts';
import { isWhole, type Member, membersOf } from './element.ts';
import { emptySet, type FieldSet, setOf } from './field-set.ts';

/** What changed between two values of a type. */
export interface Comparison {
  /** Added or modified. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const none: Comparison = { changed: emptySet, removed: emptySet };

/** Compares two values of a type, field by field. */
export function compare(type: Type, before: unknown, after: unknown): Comparison {
  if (before === after) return none;
  if (isWhole(type, before) || isWhole(type, after)) {
    if (canonicalJson(before) === canonicalJson(after)) return none;
    return { changed: { ...all(type, after), member: true }, removed: difference(type, before, after) };
  }
  const olds = new Map(membersOf(type, before).map((member) => [member.key, member]));
  const changed: [string, FieldSet][] = [];
  const removed: [string, FieldSet][] = [];
  for (const member of membersOf(type, after)) {
    const old = olds.get(member.key);
    olds.delete(member.key);
    if (old === undefined) {
      changed.push([member.key, added(type, member)]);
    } else {
      const inner = compare(member.type, old.value, member.value);
      changed.push([member.key, inner.changed]);
      removed.push([member.key, inner.removed]);
    }
  }
  for (const old of olds.values()) removed.push([old.key, { ...all(old.type, old.value), member: true }]);
  return { changed: setOf(false, changed), removed: setOf(false, removed) };
}

/** A field that is always there was not added by anybody; what stands in it was. */
function added(parent: Type, { key, value, type }: Member): FieldSet {
  const always = parent.is === 'map' && parent.fields.get(key.slice(2))?.always === true;
  const set = all(type, value);
  return { ...set, member: !always || set.children.size === 0 };
}

/** Everything in a value, with all that leads to it. */
function all(type: Type, value: unknown): FieldSet {
  return setOf(
    true,
    membersOf(type, value).map((member) => [member.key, added(type, member)]),
  );
}

function difference(type: Type, before: unknown, after: unknown): FieldSet {
  const kept = new Set(membersOf(type, after).map(({ key }) => key));
  return setOf(
    false,
    membersOf(type, before)
      .filter(({ key }) => !kept.has(key))
      .map((member) => [member.key, all(member.type, member.value)]),
  );
}
