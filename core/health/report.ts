import type { Health } from '../link/status.ts';

/** How an object is, and a sentence that says why (H2). */
export interface HealthReport {
  readonly health: Health;
  readonly reason: string;
  /** When the same object, unchanged, is to be judged again; milliseconds since the epoch. Left out: never. */
  readonly recheckAt?: number;
}

/** Reports, one word each. */
export const healthy = (reason: string): HealthReport => ({ health: 'healthy', reason });
export const progressing = (reason: string): HealthReport => ({ health: 'progressing', reason });
export const degraded = (reason: string): HealthReport => ({ health: 'degraded', reason });
export const suspended = (reason: string): HealthReport => ({ health: 'suspended', reason });
export const unknown = (reason: string): HealthReport => ({ health: 'unknown', reason });

/** Judges an object of the kinds that it is registered for; null: it has nothing to say, the general rule does. */
export type HealthCheck = (object: LiveObject, now: number) => HealthReport | null;

/** A live object, read leniently: whatever a server may send is no exception. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Fields;
  readonly status: Fields;
  readonly conditions: readonly Condition[];
}

export type Fields = Readonly<Record<string, unknown>>;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** Of Cluster API and Knative: `Error`, `Warning`, `Info`; empty where it is not said. */
  readonly severity: string;
  /** When its status last changed; milliseconds since the epoch. */
  readonly at: number | null;
  /** The generation of the object that it is about; null where it is not said. */
  readonly generation: number | null;
}

/** The condition of a type among some, where there is one: those of an object, or of a part of it. */
export function conditionOf(
  { conditions }: { readonly conditions: readonly Condition[] },
  type: string,
): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** True where there is a condition of a type with that status. */
export function isCondition(
  object: { readonly conditions: readonly Condition[] },
  type: string,
  status: 'True' | 'False' | 'Unknown' = 'True',
): boolean {
  return conditionOf(object, type)?.status === status;
}

/** Reads a list of conditions, whatever stands there. */
export function conditionsIn(value: unknown): readonly Condition[] {
  return list(value).map((item) => {
    const at = Date.parse(text(item, 'lastTransitionTime'));
    return {
      type: text(item, 'type'),
      status: text(item, 'status'),
      reason: text(item, 'reason'),
      message: text(item, 'message'),
      severity: text(item, 'severity'),
      at: Number.isNaN(at) ? null : at,
      generation: typeof item.observedGeneration === 'number' ? item.observedGeneration : null,
    };
  });
}

/** What a condition says of itself, for the end of a sentence. */
export function explained(condition: Condition | undefined): string {
  const text = condition?.message || condition?.reason || '';
  return text === '' ? '' : `: ${text}`;
}

/** A number of the object; `fallback` where it is none. */
export function count(fields: Fields, name: string, fallback = 0): number {
  const value = fields[name];
  return typeof value === 'number' ? value : fallback;
}

/** A text of the object; empty where it is none. */
export function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** A map of the object; empty where it is none. */
export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The maps of a list; what is no map in it counts as an empty one, and what is no list as none. */
export function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}
