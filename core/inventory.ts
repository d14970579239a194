import type { Digest } from './canonical.ts';
import type { Difference } from './diff.ts';
import { type ObjectRef, refKey } from './object.ts';

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
  /** How the server spells what the bundle spells otherwise, by object. */
  readonly normalised: Readonly<Record<string, Normalisation>>;
}

/** Differences that are the server's own doing: seen in its answer to our own apply of that very object. */
interface Normalisation {
  /** Digest of the wanted object that they belong to. */
  readonly wanted: Digest;
  readonly fields: readonly (readonly [pointer: string, fingerprint: string])[];
}

export function emptyInventory(application: string): Inventory {
  return { application, refs: [], settled: true, running: null, appliedAt: null, held: [], normalised: {} };
}

/** Old ∪ new: what is saved before the first write, so that a crash leaves nothing untracked (A5). */
export function opened(inventory: Inventory, wanted: readonly ObjectRef[], held: readonly string[]): Inventory {
  const refs = new Map([...inventory.refs, ...wanted].map((ref) => [refKey(ref), ref]));
  return { ...inventory, refs: [...refs.values()], held, settled: false };
}

/**
 * What is saved after the last write.
 * @param remaining what left the bundle and still stands: kept, held, or on its way out
 * @param held keys of those that wait for a person
 */
export function settled(
  inventory: Inventory,
  wanted: readonly ObjectRef[],
  remaining: readonly ObjectRef[],
  held: readonly string[],
  running: Inventory['running'],
  appliedAt: number,
): Inventory {
  const refs = new Map([...wanted, ...remaining].map((ref) => [refKey(ref), ref]));
  const normalised = Object.fromEntries(Object.entries(inventory.normalised).filter(([key]) => refs.has(key)));
  return { ...inventory, refs: [...refs.values()], held, settled: true, running, appliedAt, normalised };
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
      ? (inventory as Inventory)
      : null;
  } catch {
    return null;
  }
}
