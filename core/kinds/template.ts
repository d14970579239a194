import { type Static, Type } from 'typebox';

/** Manifests that applications share, and the JSON Schema of what they may set. */
export const TemplateSpec = Type.Object(
  {
    parameters: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
    manifests: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type TemplateSpec = Static<typeof TemplateSpec>;
