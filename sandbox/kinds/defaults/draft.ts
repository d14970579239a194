import { isMap, type JsonMap } from '../../schema/type.ts';

/** Sets what is not set, and leaves the rest. */
export function fill(target: JsonMap, defaults: JsonMap): JsonMap {
  for (const [name, value] of Object.entries(defaults)) {
    if (target[name] === undefined) target[name] = structuredClone(value);
  }
  return target;
}

/** A member that is a map, or undefined. */
export function mapOf(target: JsonMap | undefined, name: string): JsonMap | undefined {
  const value = target?.[name];
  return isMap(value) ? value : undefined;
}

/** A member that is a map; it is made where there is none. */
export function madeMap(target: JsonMap, name: string): JsonMap {
  const known = mapOf(target, name);
  if (known !== undefined) return known;
  const made: JsonMap = {};
  target[name] = made;
  return made;
}

/** The maps in a member that is a list. */
export function mapsOf(target: JsonMap | undefined, name: string): JsonMap[] {
  const value = target?.[name];
  return Array.isArray(value) ? value.filter(isMap) : [];
}
