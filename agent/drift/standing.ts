import type { Drift } from '../../core/link/status.ts';
import { type ObjectRef, refKey } from '../../core/objects/object.ts';

/** The drifts of one application that stand now, by object and field. */
export type StandingDrifts = Map<string, StandingDrift>;

export interface StandingDrift {
  readonly drift: Drift;
  /** What was said of it last, and when; null: nothing yet. */
  readonly told: { readonly outcome: 'found' | 'fought'; readonly manager: string; readonly at: number } | null;
}

/** A field that goes on changing is told of at most so often; milliseconds. */
const quiet = 30_000;

/** What a drift is, apart from since when: the same object, field and value found are the same drift. */
export type DriftFound = Omit<Drift, 'firstSeen'>;

export function driftKey(drift: DriftFound): string {
  return `${refKey(drift.object)} ${drift.field}`;
}

/** The drift with the time since when the field has stood otherwise than wanted. */
export function sighted(drifts: StandingDrifts, found: DriftFound, now: number): StandingDrift {
  const before = drifts.get(driftKey(found));
  return { drift: { ...found, firstSeen: before?.drift.firstSeen ?? now }, told: before?.told ?? null };
}

/** True where a drift is news: it was not told yet, not as this, not of this manager, or not for long. */
export function isNews(
  { drift, told }: StandingDrift,
  before: StandingDrift | undefined,
  outcome: 'found' | 'fought',
  now: number,
): boolean {
  if (told === null || told.outcome !== outcome || told.manager !== drift.manager) return true;
  return before?.drift.found !== drift.found && now - told.at >= quiet;
}

/** An object that ought to stand and does not. */
export function missingObject(object: ObjectRef): DriftFound {
  return { object, field: '', wanted: '"present"', found: null, manager: 'unknown' };
}
