import type { ObjectRef } from '../../core/object.ts';
import { refKey } from '../../core/object.ts';
import type { Drift } from '../../core/status.ts';

/** The drifts of one application that stand now, by object and field. */
export type StandingDrifts = Map<string, StandingDrift>;

export interface StandingDrift {
  readonly drift: Drift;
  /** What was said of it last; null: nothing yet. */
  readonly told: 'found' | 'fought' | null;
}

/** What a drift is, apart from since when: the same object, field and value found are the same drift. */
export type DriftFound = Omit<Drift, 'firstSeen'>;

export function driftKey(drift: DriftFound): string {
  return `${refKey(drift.object)} ${drift.field}`;
}

/** The drift with the time at which it was first seen: that of the one that stands, where it is the same. */
export function sighted(drifts: StandingDrifts, found: DriftFound, now: number): StandingDrift {
  const before = drifts.get(driftKey(found));
  if (before !== undefined && before.drift.found === found.found && before.drift.wanted === found.wanted) return before;
  return { drift: { ...found, firstSeen: now }, told: null };
}

/** An object that ought to stand and does not. */
export function missingObject(object: ObjectRef): DriftFound {
  return { object, field: '', wanted: '"present"', found: null, manager: 'unknown' };
}
