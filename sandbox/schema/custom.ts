import { any, type Field, isMap, type JsonMap, type Scalar, type Type, untyped } from './type.ts';

const scalars: Readonly<Record<string, Scalar['scalar']>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
};

/** The type that a structural OpenAPI schema of a CRD describes. Null or an empty one: anything. */
export function typeOfSchema(schema: unknown): Type {
  if (!isMap(schema)) return any;
  if (schema['x-kubernetes-int-or-string'] === true) return untyped;
  const scalar = scalars[String(schema.type)];
  if (scalar !== undefined) return { is: 'scalar', scalar };
  if (schema.type === 'array') return listOf(schema);
  if (schema.type === 'object') return mapOf(schema);
  return any;
}

function listOf(schema: JsonMap): Type {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'];
  return {
    is: 'list',
    items: typeOfSchema(schema.items),
    merge: listType === 'map' || listType === 'set' ? listType : 'atomic',
    keys: Array.isArray(keys) ? keys.map(String) : [],
  };
}

function mapOf(schema: JsonMap): Type {
  const properties = isMap(schema.properties) ? Object.entries(schema.properties) : [];
  const open =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema['x-kubernetes-embedded-resource'] === true;
  const { additionalProperties } = schema;
  const extra = isMap(additionalProperties) ? typeOfSchema(additionalProperties) : any;
  return {
    is: 'map',
    fields: new Map(
      properties.map(([name, inner]): [string, Field] => [name, { type: typeOfSchema(inner), always: false }]),
    ),
    values: open || (additionalProperties !== undefined && additionalProperties !== false) ? extra : null,
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
  };
}
