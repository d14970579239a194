import type { Labels } from '../../core/selector.ts';

/** The labels that selectors see: those given over REST, and those declared in Git, which win. */
export function effectiveLabels(cluster: { readonly labels: Labels; readonly declared_labels: Labels | null }): Labels {
  return { ...cluster.labels, ...cluster.declared_labels };
}
