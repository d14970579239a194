import type { Health } from '../status.ts';

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

/** Judges an object of the kinds that it is registered for; null: it has nothing to say, the general rule does. */
export type HealthCheck = (object: LiveObject, now: number) => HealthReport | null;

/** A live object, read leniently: whatever a server may send is no exception. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly generation?: number; readonly creationTimestamp?: string };
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
  readonly at: number | null;
}

/** The condition of a type, where the object has one. */
export function conditionOf(object: LiveObject, type: string): Condition | undefined {
  return object.conditions.find((condition) => condition.type === type);
}

/** What a condition says of itself, for the end of a sentence. */
export function explained(condition: Condition): string {
  const text = condition.message || condition.reason;
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
