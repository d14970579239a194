import { type Static, Type } from 'typebox';
import { CelCondition, CelText } from './expressions.ts';
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

/** Which objects a rule is for; names may be globs. */
const selecting = {
  group: Type.Optional(Type.String()),
  name: Type.Optional(Sentence),
  namespace: Type.Optional(Sentence),
};

const Field = Type.String({
  format: 'field',
  expected:
    'a field, such as "/spec/replicas", "/spec/template/spec/containers[name=proxy]/image" or "/metadata/annotations/*"',
});

const Ignore = Type.Object(
  { kind: Type.Optional(Sentence), ...selecting, fields: Type.Array(Field, { minItems: 1 }) },
  closed,
);

const Health = Type.Object(
  {
    /** Not Secret: what is said of an object tells of its values (A11). */
    kind: Type.String({ pattern: '^(?!Secret$).', expected: 'a kind other than Secret' }),
    ...selecting,
    healthy: CelCondition,
    progressing: Type.Optional(CelCondition),
    degraded: Type.Optional(CelCondition),
    suspended: Type.Optional(CelCondition),
    message: Type.Optional(CelText),
  },
  closed,
);

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
    health: Type.Array(Health, { default: [], maxItems: 50 }),
    /** With `render: template`. */
    template: Type.Optional(Name),
    parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);
export type ApplicationSpec = Static<typeof ApplicationSpec>;
