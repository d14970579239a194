import { canonicalJson, type Digest, digestOf } from '../canonical.ts';

/** What one cluster is to run of one application. */
export interface Assignment {
  readonly application: string;
  /** `app@shortsha`. */
  readonly release: string;
  readonly bundle: Digest;
  /** Grows with every change of this placement; a status of an older one is history. */
  readonly generation: number;
  readonly environment: string;
  readonly drift: DriftMode;
  readonly tenant: TenantBounds | null;
  /** What the cluster itself may receive; null: anything (A10, T7). */
  readonly allow: ClusterBounds | null;
  /** A person has let this release delete what it no longer has, however much that is (A6). */
  readonly pruneApproved: boolean;
  /** W3C trace context; part of no digest. */
  readonly traceparent: string | null;
}

export type DriftMode = 'correct' | 'report' | 'hold';

/** What an application's tenant may touch. The agent enforces it itself (A10). */
export interface TenantBounds {
  readonly name: string;
  /** Names or globs (`shop-*`). */
  readonly namespaces: readonly string[];
  /** `group/Kind`, `v1/Kind` for the core group, `*` in either place. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** `namespace/name` that the agent impersonates; null: itself. */
  readonly serviceAccount: string | null;
}

/** What a cluster may receive, with nothing left out. The agent enforces it itself (A10). */
export interface ClusterBounds {
  /** `group/Kind`, `v1/Kind` for the core group, `*` in either place. */
  readonly kinds: readonly string[];
  /** Names or globs (`shop-*`). */
  readonly namespaces: readonly string[];
}

/** Digest of a cluster's whole desired state; the same on both sides of a link (L2). */
export function desiredDigest(assignments: Iterable<Assignment>): Digest {
  const sorted = [...assignments].sort((a, b) => (a.application < b.application ? -1 : 1));
  return digestOf(`[${sorted.map(canonicalText).join(',')}]`);
}

/** True where two assignments are one for whoever carries them out: all but the trace is equal. */
export function isSameAssignment(one: Assignment, other: Assignment): boolean {
  return (
    one.application === other.application &&
    one.generation === other.generation &&
    one.release === other.release &&
    one.bundle === other.bundle &&
    one.environment === other.environment &&
    one.drift === other.drift &&
    Boolean(one.pruneApproved) === Boolean(other.pruneApproved) &&
    isSameBounds(one.tenant, other.tenant) &&
    isSameBounds(one.allow ?? null, other.allow ?? null)
  );
}

function isSameBounds(one: TenantBounds | ClusterBounds | null, other: TenantBounds | ClusterBounds | null): boolean {
  return one === other || (one !== null && other !== null && canonicalJson(one) === canonicalJson(other));
}

/**
 * The canonical JSON of what counts of an assignment. Written out, for a hub makes a thousand of them for each commit of
 * a fleet. What came after the first version counts only where it says something: who does not know it, agrees on
 * the rest (L6).
 */
function canonicalText(assignment: Assignment): string {
  const { application, release, bundle, generation, environment, drift, tenant, allow, pruneApproved } = assignment;
  const bounds = allow == null ? '' : `"allow":${canonicalJson(allow)},`;
  const approved = pruneApproved ? '"pruneApproved":true,' : '';
  return (
    `{${bounds}"application":${JSON.stringify(application)},"bundle":${JSON.stringify(bundle)},"drift":"${drift}",` +
    `"environment":${JSON.stringify(environment)},"generation":${generation},${approved}` +
    `"release":${JSON.stringify(release)},"tenant":${tenant === null ? 'null' : canonicalJson(tenant)}}`
  );
}
