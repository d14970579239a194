import { canonicalJson } from '../../core/canonical.ts';
import type { ClusterSpec } from '../../core/kinds/cluster.ts';
import type { Labels } from '../../core/selector.ts';

export interface DeclaredCluster {
  readonly name: string;
  readonly labels: Labels;
  readonly spec: ClusterSpec;
}

export interface KnownCluster {
  readonly name: string;
  readonly declared_labels: Labels | null;
  readonly allow: { readonly kinds?: readonly string[]; readonly namespaces?: readonly string[] } | null;
}

export interface ClusterChange {
  readonly name: string;
  /** Null: no file declares any. */
  readonly labels: Labels | null;
  /** Undefined: as it is. */
  readonly allow: ClusterSpec['allow'];
}

/**
 * What the files in `clusters/` change of the clusters that are registered; they win over REST. A file that goes
 * takes its labels with it. Its allowance stays: a missing file must never widen what a cluster may receive (T7).
 */
export function decideClusters(declared: readonly DeclaredCluster[], known: readonly KnownCluster[]): ClusterChange[] {
  const byName = new Map(declared.map((cluster) => [cluster.name, cluster]));
  const changes: ClusterChange[] = [];
  for (const { name, declared_labels, allow } of known) {
    const file = byName.get(name);
    const labels = file?.labels ?? null;
    const wanted = file?.spec.allow;
    const isAllowed = wanted === undefined || canonicalJson(wanted) === canonicalJson(allow);
    if (canonicalJson(labels) === canonicalJson(declared_labels) && isAllowed) continue;
    changes.push({ name, labels, allow: isAllowed ? undefined : wanted });
  }
  return changes;
}
