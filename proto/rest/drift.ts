import { type Static, Type } from 'typebox';
import { Name, Nullable, ObjectReference, Time } from './common.ts';
import { LabelQuery, PageQuery } from './page.ts';

const DriftState = Type.Enum(['open', 'corrected', 'gone', 'fought']);

/** A live object that differs from its bundle in a field that the bundle sets, or is missing (D3). */
export const DriftRecord = Type.Object(
  {
    id: Type.Integer(),
    cluster: Type.String(),
    application: Type.String(),
    environment: Nullable(Type.String()),
    object: ObjectReference,
    field: Type.String({ description: 'JSON pointer; empty: the object itself is missing' }),
    wanted: Nullable(Type.String({ description: 'JSON text; values of Secrets are masked' })),
    found: Nullable(Type.String()),
    manager: Type.String({ description: 'field manager that set what was found, or unknown' }),
    state: DriftState,
    firstSeenAt: Time,
    endedAt: Nullable(Time),
  },
  { title: 'Drift' },
);
export type DriftRecord = Static<typeof DriftRecord>;

const filters = {
  application: Type.Optional(Name),
  environment: Type.Optional(Name),
  state: Type.Optional(DriftState),
};

export const ClusterDriftQuery = Type.Object({ ...PageQuery.properties, ...filters }, { additionalProperties: false });

export const DriftQuery = Type.Object(
  { ...PageQuery.properties, ...LabelQuery.properties, ...filters, cluster: Type.Optional(Name) },
  { additionalProperties: false },
);
export type DriftQuery = Static<typeof DriftQuery>;

export const DriftParameters = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
