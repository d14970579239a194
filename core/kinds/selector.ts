import { Type } from 'typebox';

const labelKey = Type.String({
  pattern: '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$',
  maxLength: 317,
  expected: 'a label key, such as "region" or "topology.kubernetes.io/region"',
});

const labelValue = Type.String({
  pattern: '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
  maxLength: 63,
  expected: 'a label value: at most 63 letters, digits, ".", "_" and "-" (quote "true" and numbers)',
});

/** Labels of a cluster. */
export const Labels = Type.Record(labelKey, labelValue, {
  keys: 'a label key, such as "region" or "topology.kubernetes.io/region"',
});

const noValues = Type.Optional(
  Type.Array(labelValue, { maxItems: 0, expected: 'no values for Exists and DoesNotExist' }),
);

const Requirement = Type.Union(
  [
    Type.Object(
      {
        key: labelKey,
        operator: Type.Enum(['In', 'NotIn']),
        values: Type.Array(labelValue, { minItems: 1 }),
      },
      { additionalProperties: false },
    ),
    Type.Object(
      { key: labelKey, operator: Type.Enum(['Exists', 'DoesNotExist']), values: noValues },
      { additionalProperties: false },
    ),
  ],
  { expected: '{key, operator: In | NotIn, values} or {key, operator: Exists | DoesNotExist}' },
);

/** A label selector over clusters, as Kubernetes writes one. It must say something: a selector of everything is `{}`. */
export const Selector = Type.Object(
  { matchLabels: Type.Optional(Labels), matchExpressions: Type.Optional(Type.Array(Requirement)) },
  { additionalProperties: false },
);
