import { isMap } from '../schema/type.ts';

/**
 * What a simple JSON path of a CRD's column leads to: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.spec.list[0]`. Undefined where it leads nowhere.
 */
export function jsonPathValue(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const [, name, filterField, filterValue, index] of path.matchAll(
    /\.((?:[^.[\\]|\\.)+)|\[\?\(@\.([^=]+?)\s*==\s*['"]([^'"]*)['"]\)\]|\[(\d+)\]/g,
  )) {
    if (name !== undefined) value = isMap(value) ? value[name.replaceAll('\\', '')] : undefined;
    else if (!Array.isArray(value)) return undefined;
    else if (index !== undefined) value = value[Number(index)];
    else value = value.find((item) => isMap(item) && item[filterField ?? ''] === filterValue);
  }
  return value;
}
