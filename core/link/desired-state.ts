import type { Digest } from '../canonical.ts';
import { type Assignment, desiredDigest, isSameAssignment } from './assignment.ts';
import type { DesiredPart } from './messages.ts';

/** All that one cluster is to run, with the digest by which both sides compare it (L2). */
export interface DesiredState {
  readonly assignments: ReadonlyMap<string, Assignment>;
  readonly digest: Digest;
}

/** The state of these assignments; of two for one application the later counts. */
export function desiredState(assignments: Iterable<Assignment>): DesiredState {
  const byApplication = new Map<string, Assignment>();
  for (const assignment of assignments) byApplication.set(assignment.application, assignment);
  return { assignments: byApplication, digest: desiredDigest(byApplication.values()) };
}

/** One update, before it is cut into parts. */
export interface DesiredUpdate {
  /** Empty: it replaces everything. */
  readonly base: Digest | '';
  readonly digest: Digest;
  readonly assigned: readonly Assignment[];
  readonly withdrawn: readonly string[];
}

/** What makes `to` out of `from`; null where they are equal. */
export function updateBetween(from: DesiredState, to: DesiredState): DesiredUpdate | null {
  if (from.digest === to.digest) return null;
  const assigned = [...to.assignments.values()].filter((assignment) => {
    const before = from.assignments.get(assignment.application);
    return before === undefined || !isSameAssignment(before, assignment);
  });
  const withdrawn = [...from.assignments.keys()].filter((application) => !to.assignments.has(application));
  return { base: from.digest, digest: to.digest, assigned, withdrawn };
}

/** The update that needs nothing to start from. */
export function wholeUpdate(to: DesiredState): DesiredUpdate {
  return { base: '', digest: to.digest, assigned: [...to.assignments.values()], withdrawn: [] };
}

/**
 * Cuts an update into messages of about `size` bytes each; the last one says so, and there is always one.
 * @param sizeOf bytes of an assignment on the wire, about
 */
export function cutUpdate(
  { base, digest, assigned, withdrawn }: DesiredUpdate,
  size: number,
  sizeOf: (assignment: Assignment) => number,
): readonly DesiredPart[] {
  const assignedParts = cutBySize(assigned, size, sizeOf);
  const withdrawnParts = cutBySize(withdrawn, size, (application) => application.length + 2);
  const contents: Pick<DesiredPart, 'assigned' | 'withdrawn'>[] = [
    ...assignedParts.map((part) => ({ assigned: part, withdrawn: [] })),
    ...withdrawnParts.map((part) => ({ assigned: [], withdrawn: part })),
  ];
  if (contents.length === 0) contents.push({ assigned: [], withdrawn: [] });
  return contents.map((content, index) => ({
    type: 'desired',
    base,
    digest,
    ...content,
    last: index === contents.length - 1,
  }));
}

/** Consecutive runs of items, each about `size` at most; an item that is larger stands alone. */
export function cutBySize<T>(
  items: readonly T[],
  size: number,
  sizeOf: (item: T) => number,
): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = sizeOf(item);
    const part = parts.at(-1);
    if (part === undefined || bytes > room) {
      parts.push([item]);
      room = size - bytes;
    } else {
      part.push(item);
      room -= bytes;
    }
  }
  return parts;
}

/** An update of which not all parts have come. */
export type DesiredDraft = Pick<DesiredPart, 'base' | 'digest' | 'assigned' | 'withdrawn'>;

export type DesiredOutcome =
  | { readonly type: 'partial'; readonly draft: DesiredDraft }
  | { readonly type: 'complete'; readonly state: DesiredState }
  /** A part was lost, or both sides start from different states: say what is held, and the hub sends all (L2). */
  | { readonly type: 'mismatch' };

/**
 * Takes one part in. Nothing of an update holds before all of it is there and its digest is right.
 * @param hubIsNewer its digest may be over words that this version does not know: it is believed, and kept as the name
 * of what is held (L6)
 */
export function takePart(
  held: DesiredState | null,
  draft: DesiredDraft | null,
  part: DesiredPart,
  hubIsNewer = false,
): DesiredOutcome {
  const goesOn = draft !== null && draft.base === part.base && draft.digest === part.digest;
  const together: DesiredDraft = {
    base: part.base,
    digest: part.digest,
    assigned: goesOn ? [...draft.assigned, ...part.assigned] : part.assigned,
    withdrawn: goesOn ? [...draft.withdrawn, ...part.withdrawn] : part.withdrawn,
  };
  if (!part.last) return { type: 'partial', draft: together };
  const from = held ?? nothingDesired;
  if (part.base !== '' && part.base !== from.digest) return { type: 'mismatch' };
  const assignments = new Map(part.base === '' ? [] : from.assignments);
  for (const application of together.withdrawn) assignments.delete(application);
  for (const assignment of together.assigned) assignments.set(assignment.application, assignment);
  const state = desiredState(assignments.values());
  if (hubIsNewer) return { type: 'complete', state: { ...state, digest: part.digest as Digest } };
  return state.digest === part.digest ? { type: 'complete', state } : { type: 'mismatch' };
}

/** A desired state without assignments: what a cluster has before anything was said of it. */
const nothingDesired: DesiredState = desiredState([]);
