import type { Digest } from '../canonical.ts';
import { type ComparisonOptions, type Difference, differences } from '../fields/diff.ts';
import { abandonedFields, type FieldOwners, fieldOwners, isApplied, ownersOfField } from '../fields/owners.ts';
import { toPointer } from '../fields/pointer.ts';
import { healthOf } from '../health/health.ts';
import type { HealthReport } from '../health/report.ts';
import { pruneAnnotation } from '../objects/annotations.ts';
import { fieldManager, type KubeObject, type ObjectRef, ownerLabel, refOf } from '../objects/object.ts';
import type { Wanted } from './desired.ts';
import { waveOf } from './order.ts';

/** All that is kept of a live object: its verdict against the wanted one, never the object itself. */
export interface LiveRecord {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The application that its label names, and whether Fairway itself wrote that label (A12). */
  readonly owner: string | null;
  readonly ownerConfirmed: boolean;
  /** Fairway has applied it. */
  readonly applied: boolean;
  /** Marked `fairway.dev/prune: never` (A7). */
  readonly keep: boolean;
  /** The wave that it was written in: what is deleted goes the reverse way (A2). */
  readonly wave: number;
  readonly deleting: boolean;
  /** Digest of the wanted object that it was compared with; null: with none. */
  readonly judged: Digest | null;
  readonly differences: readonly Difference[];
  /** Pointers of fields that Fairway set once and the wanted object no longer does. */
  readonly abandoned: readonly string[];
  readonly health: HealthReport;
}

/**
 * The verdict on a live object.
 * @param wanted null where nobody assigned wants it
 * @param now milliseconds since the epoch
 */
export function judge(live: KubeObject, wanted: Wanted | null, now: number): LiveRecord {
  const owners = fieldOwners(live.metadata.managedFields);
  const { labels = {}, annotations = {} } = live.metadata;
  const label = ownersOfField(ownersOfField(ownersOfField(owners, 'metadata'), 'labels'), ownerLabel);
  return {
    ref: wanted?.ref ?? refOf(live),
    uid: live.metadata.uid ?? '',
    resourceVersion: live.metadata.resourceVersion ?? '',
    owner: labels[ownerLabel] ?? null,
    ownerConfirmed: label?.managers.some((manager) => manager.name === fieldManager) ?? false,
    applied: isApplied(owners),
    keep: annotations[pruneAnnotation] === 'never',
    wave: waveOf(live),
    deleting: live.metadata.deletionTimestamp !== undefined,
    judged: wanted?.digest ?? null,
    differences: wanted === null ? [] : differences(wanted.object, live, compared(wanted, owners)),
    abandoned: wanted === null ? [] : abandonedPointers(wanted, owners),
    health: healthOf(live, now, wanted?.health?.judge),
  };
}

function compared({ ignored, sealed }: Wanted, owners: FieldOwners): ComparisonOptions {
  return { ignored, sealed, owners };
}

/** Pointers of fields that Fairway owns and the wanted object neither sets nor leaves to others. */
export function abandonedPointers(wanted: Wanted, owners: FieldOwners): readonly string[] {
  return abandonedFields(owners, wanted.object, wanted.ignored).map(toPointer);
}

/** True where a record is of an older state of the same object than `resourceVersion`, as far as that can be told. */
export function isOlder(resourceVersion: string, than: string): boolean {
  if (!/^\d{1,30}$/.test(resourceVersion) || !/^\d{1,30}$/.test(than)) return false;
  return BigInt(resourceVersion) < BigInt(than);
}
