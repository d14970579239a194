import { type Static, Type } from 'typebox';
import { Name, RelativePath, Sentence } from './scalars.ts';
import { Selector } from './selector.ts';

const closed = { additionalProperties: false } as const;

/** Values of variables: whatever YAML can say; only texts, numbers and booleans may stand inside a longer text (G3). */
const Variables = Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_-]*$' }), Type.Unknown(), {
  keys: 'a variable name of letters, digits, "_" and "-" that starts with a letter',
});

const Override = Type.Object(
  {
    clusters: Selector,
    variables: Type.With(Variables, { default: {} }),
    patches: Type.Array(Type.Object({ path: RelativePath }, closed), { default: [] }),
  },
  closed,
);

const Ignore = Type.Object(
  {
    kind: Type.Optional(Sentence),
    group: Type.Optional(Type.String()),
    name: Type.Optional(Sentence),
    namespace: Type.Optional(Sentence),
    fields: Type.Array(
      Type.String({ pattern: '^(/([^~/]|~[01])*)+$', expected: 'a JSON pointer, such as "/spec/replicas"' }),
      { minItems: 1 },
    ),
  },
  closed,
);

const Health = Type.Object({ kind: Sentence, group: Type.Optional(Type.String()), healthy: Sentence }, closed);

/** A folder of manifests and how it is delivered. Read at the release's own commit. */
export const ApplicationSpec = Type.Object(
  {
    render: Type.Enum(['manifests', 'kustomize', 'helm', 'template'], { default: 'manifests' }),
    /** Of the manifests, below the folder of `app.yaml`. */
    path: Type.With(RelativePath, { default: '.' }),
    environments: Type.Array(Name, { default: [] }),
    namespace: Type.Optional(Name),
    variables: Type.With(Variables, { default: {} }),
    /** Later ones win. */
    overrides: Type.Array(Override, { default: [] }),
    dependsOn: Type.Array(Name, { default: [] }),
    ignore: Type.Array(Ignore, { default: [] }),
    conflicts: Type.Enum(['yield', 'force'], { default: 'yield' }),
    health: Type.Array(Health, { default: [] }),
    /** With `render: template`. */
    template: Type.Optional(Name),
    parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);
export type ApplicationSpec = Static<typeof ApplicationSpec>;
