import { type Static, type TSchema, Type } from 'typebox';

/** A moment as people and programs read it: ISO 8601 in UTC, with milliseconds. */
export const Time = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });

/** A value, or null where there is none. A member is never left out of a response. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Labels = Type.Record(Type.String(), Type.String(), { description: 'labels, as Kubernetes means them' });

/** Why something waits, since when, and until when at most (null: no deadline). */
export const Wait = Type.Object({ reason: Type.String(), since: Time, deadline: Nullable(Time) });
export type Wait = Static<typeof Wait>;

/** One object in one cluster. */
export const ObjectReference = Type.Object({
  group: Type.String({ description: 'empty for the core group' }),
  kind: Type.String(),
  namespace: Type.String({ description: 'empty for a cluster-scoped object' }),
  name: Type.String(),
});

/** A DNS label or subdomain, as Kubernetes names things. */
export const Name = Type.String({
  pattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$',
  maxLength: 253,
  description: 'lower-case letters, digits, - and .',
});

export const NameParameters = Type.Object({ name: Name });

/** The five words of health (H2). */
export const Health = Type.Enum(['healthy', 'progressing', 'degraded', 'suspended', 'unknown']);

/** A change of labels: null takes one away, and what is not named stays. */
export const LabelChanges = Type.Record(Type.String(), Nullable(Type.String()), { maxProperties: 100 });

/** `30s`, `15m`, `2h`, `7d`. */
export const Duration = Type.String({ pattern: '^[1-9][0-9]{0,5}(s|m|h|d)$', description: '30s, 15m, 2h, 7d' });

export const NumberParameters = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'a number' }),
});
