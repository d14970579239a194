import type { Bundle } from '../bundle.ts';
import type { Problem } from '../errors.ts';
import type { Prepared } from './prepare.ts';
import { renderIn } from './render.ts';
import type { RenderScope } from './scope.ts';
import { unmatchedRules } from './unmatched.ts';

/** So many objects are looked at, over all overrides: what is left is found where a cluster is rendered. */
const objectLimit = 200_000;

/**
 * What can be said of a release before any cluster is known: rendered as it stands, and with each override by
 * itself, every label that is referenced having some value. A variable that only overrides set counts as known.
 * @param limit of objects that are looked at, two scopes at least (L7)
 */
export function examine(prepared: Prepared, limit = objectLimit): Problem[] {
  const { spec } = prepared.application;
  const variables = Object.assign({}, ...spec.overrides.map((override) => override.variables), spec.variables);
  const labels = sampleLabels(prepared);
  const sample = { cluster: { name: 'sample', labels }, environment: spec.environments[0] ?? 'sample' };
  const scopes: RenderScope[] = [
    { ...sample, variables, patched: [] },
    ...spec.overrides.map((override, index) => ({
      ...sample,
      variables: { ...variables, ...override.variables },
      patched: override.patches.length > 0 ? [index] : [],
    })),
  ];
  const problems = new Map<string, Problem>();
  const affordable = Math.max(2, Math.floor(limit / Math.max(1, prepared.manifests.length)));
  let sampled: Bundle | null = null;
  for (const scope of scopes.slice(0, affordable)) {
    const rendered = renderIn(prepared, scope);
    sampled ??= rendered.bundle;
    for (const problem of rendered.problems) problems.set(JSON.stringify(problem), problem);
  }
  return [...problems.values(), ...(sampled === null ? [] : unmatchedRules(prepared, sampled))];
}

function sampleLabels(prepared: Prepared): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const { template } of [...prepared.manifests, ...prepared.patches.flat()]) {
    for (const { placeholder } of template.usages) {
      if (placeholder.reference?.type === 'cluster-label') {
        labels[placeholder.reference.key] ??= `sample-${Object.keys(labels).length}`;
      }
    }
  }
  return labels;
}
