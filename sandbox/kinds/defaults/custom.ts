import { isMap, type JsonMap } from '../../schema/type.ts';

/** Fills in the defaults of a CRD's schema, in place, wherever what holds them is there. */
export function fillCustom(schema: unknown, value: unknown): void {
  if (!isMap(schema)) return;
  if (Array.isArray(value)) {
    for (const item of value) fillCustom(schema.items, item);
    return;
  }
  if (!isMap(value)) return;
  const properties = isMap(schema.properties) ? schema.properties : {};
  for (const [name, property] of Object.entries(properties)) {
    if (value[name] === undefined && isMap(property) && property.default !== undefined) {
      value[name] = structuredClone(property.default);
    }
    fillCustom(property, value[name]);
  }
  fillMembers(schema, properties, value);
}

function fillMembers(schema: JsonMap, properties: JsonMap, value: JsonMap): void {
  if (!isMap(schema.additionalProperties)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (properties[name] === undefined) fillCustom(schema.additionalProperties, inner);
  }
}
