import type { Difference } from '../fields/diff.ts';
import type { ObjectRef } from '../objects/object.ts';
import type { HookStep } from './hooks.ts';
import type { Action, PlanEntry } from './plan.ts';

/** One line of a plan, as people and programs read it: what would be done with an object, to which fields, and why. */
export interface PlannedAction {
  readonly action: Action;
  readonly object: ObjectRef;
  /** What is written; empty where the object is created, left or deleted whole. */
  readonly fields: readonly PlannedField[];
  /** What is left to the controller that set it (A4). */
  readonly yielded: readonly PlannedField[];
  readonly reason: string;
  /** Why it is refused: a stable code, and a JSON pointer where one field is to blame. */
  readonly refusal: { readonly code: string; readonly field: string | null } | null;
  /** How far a hook is. */
  readonly hook: HookStep['state'] | null;
}

interface PlannedField {
  /** JSON pointer. */
  readonly field: string;
  /** JSON texts; null: absent. Values of Secrets, and of what came encrypted, are masked (A11). */
  readonly wanted: string | null;
  readonly found: string | null;
  /** Field manager that set what was found. */
  readonly manager: string;
}

/** A plan as data that can be shown, sent and stored: nothing of an object is in it but the fields that differ. */
export function plannedActions(entries: readonly PlanEntry[]): readonly PlannedAction[] {
  return entries.map((entry) => ({
    action: entry.action,
    object: objectOf(entry),
    fields: 'fields' in entry ? entry.fields.map(plannedField) : [],
    yielded: 'yielded' in entry ? entry.yielded.map(plannedField) : [],
    reason: entry.reason,
    refusal: entry.action === 'refuse' ? { code: entry.code, field: entry.field } : null,
    hook: entry.action === 'hook' ? entry.state : null,
  }));
}

function objectOf(entry: PlanEntry): ObjectRef {
  if ('ref' in entry) return entry.ref;
  return entry.action === 'hook' ? entry.hook.wanted.ref : entry.wanted.ref;
}

function plannedField({ pointer, wanted, found, manager }: Difference): PlannedField {
  return { field: pointer, wanted, found, manager };
}
