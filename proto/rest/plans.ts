import { type Static, Type } from 'typebox';
import { Name, Nullable, ObjectReference } from './common.ts';

const Count = Type.Integer({ minimum: 0 });
const Digest = Type.String({ description: 'sha256: and 64 hexadecimal digits' });

/** One field that changes. Values of Secrets are masked (A11). */
export const FieldChange = Type.Object({
  field: Type.String({ description: 'as the API server writes it: spec.template.spec.containers[name="web"].image' }),
  before: Nullable(Type.String({ description: 'JSON text; null: absent' })),
  after: Nullable(Type.String({ description: 'JSON text; null: absent' })),
  lines: Nullable(
    Type.Array(Type.String(), { description: 'of a text of several lines: -old, +new, and what is around' }),
  ),
});
export type FieldChange = Static<typeof FieldChange>;

/** What happens to one object, once however many clusters it happens on. */
export const PlannedChange = Type.Object({
  action: Type.Enum(['create', 'change', 'delete', 'keep', 'rules'], {
    description: 'keep: it leaves the bundle and stays; rules: of the application itself, and of no object',
  }),
  object: Nullable(ObjectReference),
  encrypted: Type.Boolean({ description: 'by SOPS: that it changes is all that can be said' }),
  reason: Nullable(Type.String({ description: 'why it is kept' })),
  fields: Type.Array(FieldChange),
  clusters: Type.Object({
    total: Count,
    names: Type.Array(Type.String(), { description: 'the first hundred' }),
  }),
});
export type PlannedChange = Static<typeof PlannedChange>;

/** How much a plan changes. */
export const PlanSummary = Type.Object({
  digest: Digest,
  clusters: Type.Object({
    total: Count,
    changed: Count,
    unchanged: Count,
    failed: Type.Integer({ minimum: 0, description: 'that the release cannot be rendered for' }),
  }),
  created: Count,
  changed: Count,
  deleted: Count,
  kept: Count,
});
export type PlanSummary = Static<typeof PlanSummary>;

/** What an environment's clusters would change, from the settled release to another one. */
export const Plan = Type.Object(
  {
    ...PlanSummary.properties,
    environment: Type.String(),
    application: Type.String(),
    kind: Type.Enum(['release', 'removal', 'rollback']),
    release: Nullable(Type.String({ description: 'null: the application is taken away' })),
    previous: Nullable(Type.String({ description: 'what is settled; null: nothing is' })),
    changes: Type.Array(PlannedChange),
    failures: Type.Array(
      Type.Object({
        clusters: Type.Array(Type.String()),
        code: Type.String(),
        file: Nullable(Type.String()),
        line: Nullable(Type.Integer()),
        message: Type.String(),
        remedy: Nullable(Type.String()),
      }),
    ),
  },
  { title: 'Plan' },
);
export type Plan = Static<typeof Plan>;

const Revision = Type.String({
  pattern: '^[0-9a-f]{7,64}$',
  description: 'a commit, whole where the hub has made no release of it: 7 to 64 lower-case hexadecimal digits',
});

export const PlanRequest = Type.Object(
  {
    application: Type.Optional(Name),
    revision: Type.Optional(Revision),
    source: Type.Optional(Name),
    environment: Type.Optional(Name),
    cluster: Type.Optional(Name),
    remove: Type.Optional(Type.Boolean({ description: 'plan that the application is taken away' })),
  },
  {
    additionalProperties: false,
    description:
      'application without revision: its newest release. revision without application: whatever differs at that commit of the source, the fleet repository where none is named. environment: only that one; cluster: only what changes there',
  },
);
export type PlanRequest = Static<typeof PlanRequest>;

export const PlanAnswer = Type.Object(
  {
    plans: Type.Array(Plan),
    problems: Type.Array(
      Type.Object({
        severity: Type.Enum(['error', 'warning']),
        code: Type.String(),
        file: Nullable(Type.String()),
        line: Nullable(Type.Integer()),
        field: Nullable(Type.String()),
        message: Type.String(),
        remedy: Nullable(Type.String()),
      }),
      { description: 'what is wrong at a commit that is no release; what it breaks is not planned' },
    ),
    unreleased: Type.Boolean({ description: 'the commit is no release: the plan is what one would do' }),
  },
  { title: 'PlanAnswer' },
);
export type PlanAnswer = Static<typeof PlanAnswer>;

export const PlanQuery = Type.Object({ cluster: Type.Optional(Name) }, { additionalProperties: false });
