import type { Digest } from '../canonical.ts';
import type { Difference } from '../fields/diff.ts';
import { type ObjectRef, refKey } from '../objects/object.ts';
import type { HookJob } from './hooks.ts';

/** What an application has in its cluster, as far as the agent has written or is about to write it (A5). */
export interface Inventory {
  readonly application: string;
  readonly refs: readonly ObjectRef[];
  /** False between the first write of a bundle and the last: the refs are then those of both bundles. */
  readonly settled: boolean;
  /** What was last applied whole. */
  readonly running: { readonly release: string; readonly bundle: string } | null;
  readonly appliedAt: number | null;
  /** Keys of what left the bundle and waits for a person to let it be deleted (A6). */
  readonly held: readonly string[];
  /** Jobs of hooks that may stand in the cluster, of whatever release. */
  readonly jobs: readonly HookJob[];
  /** The last way to a bundle that was begun. */
  readonly course: Course | null;
  /** How the server spells what the bundle spells otherwise, by object. */
  readonly normalised: Readonly<Record<string, Normalisation>>;
}

/** The way to one bundle: hooks run once on it, however many passes and restarts it takes (A2). */
interface Course {
  readonly bundle: string;
  /** Grows by one with each. */
  readonly run: number;
  /** Names of the hooks that have run. */
  readonly done: readonly string[];
}

/** Differences that are the server's own doing: seen in its answer to our own apply of that very object. */
interface Normalisation {
  /** Digest of the wanted object that they belong to. */
  readonly wanted: Digest;
  readonly fields: readonly (readonly [pointer: string, fingerprint: string])[];
}

export function emptyInventory(application: string): Inventory {
  return {
    application,
    refs: [],
    settled: true,
    running: null,
    appliedAt: null,
    held: [],
    jobs: [],
    course: null,
    normalised: {},
  };
}

/** Old ∪ new: what is saved before the first write, so that a crash leaves nothing untracked (A5). */
export function opened(
  inventory: Inventory,
  bundle: string,
  wanted: readonly ObjectRef[],
  held: readonly string[],
): Inventory {
  const refs = new Map([...inventory.refs, ...wanted].map((ref) => [refKey(ref), ref]));
  const { course } = inventory;
  const next = course?.bundle === bundle ? course : { bundle, run: (course?.run ?? 0) + 1, done: [] };
  return { ...inventory, refs: [...refs.values()], held, settled: false, course: next };
}

/** With the Job of a hook, as it is saved before that is created. */
export function withJob(inventory: Inventory, job: Omit<HookJob, 'course'>): Inventory {
  const others = inventory.jobs.filter(({ ref }) => refKey(ref) !== refKey(job.ref));
  return { ...inventory, jobs: [...others, { ...job, course: inventory.course?.run ?? null }] };
}

/** With a hook that has run. */
export function withHookDone(inventory: Inventory, hook: string): Inventory {
  const { course } = inventory;
  if (course === null || course.done.includes(hook)) return inventory;
  return { ...inventory, course: { ...course, done: [...course.done, hook] } };
}

/**
 * What is saved after the last write.
 * @param remaining what left the bundle and still stands: kept, held, or on its way out
 * @param held keys of those that wait for a person
 * @param stands whether the Job of a hook still stands
 */
export function settled(
  inventory: Inventory,
  wanted: readonly ObjectRef[],
  remaining: readonly ObjectRef[],
  held: readonly string[],
  running: Inventory['running'],
  appliedAt: number,
  stands: (job: ObjectRef) => boolean = () => true,
): Inventory {
  const refs = new Map([...wanted, ...remaining].map((ref) => [refKey(ref), ref]));
  const normalised = Object.fromEntries(Object.entries(inventory.normalised).filter(([key]) => refs.has(key)));
  const jobs = inventory.jobs.filter(({ ref }) => stands(ref));
  return { ...inventory, refs: [...refs.values()], held, settled: true, running, appliedAt, jobs, normalised };
}

/** The differences that are not known to be the server's own doing. */
export function unexplained(
  inventory: Inventory,
  key: string,
  digest: Digest,
  differences: readonly Difference[],
): readonly Difference[] {
  const known = inventory.normalised[key];
  if (known === undefined || known.wanted !== digest || differences.length === 0) return differences;
  return differences.filter(
    (difference) =>
      !known.fields.some(
        ([pointer, fingerprint]) => pointer === difference.pointer && fingerprint === difference.fingerprint,
      ),
  );
}

/** Remembers the differences that the server's answer to our own apply showed; the same inventory where it knew. */
export function withNormalised(
  inventory: Inventory,
  key: string,
  digest: Digest,
  residue: readonly Difference[],
): Inventory {
  const known = inventory.normalised[key];
  const fields = residue.map(({ pointer, fingerprint }) => [pointer, fingerprint] as const);
  if (fields.length === 0 && known === undefined) return inventory;
  if (known?.wanted === digest && JSON.stringify(known.fields) === JSON.stringify(fields)) return inventory;
  const { [key]: _, ...others } = inventory.normalised;
  return { ...inventory, normalised: fields.length === 0 ? others : { ...others, [key]: { wanted: digest, fields } } };
}

/** The record of an inventory. */
export function encodeInventory(inventory: Inventory): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ version: 1, ...inventory }));
}

/** Reads what `encodeInventory` wrote; null where it is not that. */
export function decodeInventory(content: Uint8Array): Inventory | null {
  try {
    const { version, ...inventory } = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
    return version === 1 && Array.isArray(inventory.refs) && typeof inventory.application === 'string'
      ? { ...emptyInventory(inventory.application), ...(inventory as Partial<Inventory>) }
      : null;
  } catch {
    return null;
  }
}
