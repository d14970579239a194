import { canonicalJson, type Digest, digestOf } from '../canonical.ts';
import type { Problem } from '../errors.ts';
import { isMap } from '../kinds/check.ts';
import { remedyFor } from '../kinds/suggest.ts';
import { type Labels, matches } from '../selector.ts';
import { type Manifest, problemOf } from './manifest.ts';
import type { Prepared } from './prepare.ts';
import { describeReference, knownReferences, lookUp, type Reference, type VariableScope } from './variables.ts';

/** What differs from cluster to cluster. */
export interface RenderTarget {
  readonly cluster: { readonly name: string; readonly labels: Labels };
  readonly environment: string;
}

/** What a release is rendered with for one target. */
export interface RenderScope extends VariableScope {
  /** Positions of the overrides that apply and patch something. */
  readonly patched: readonly number[];
}

/** The variables and patches that hold for a target; a later override wins. */
export function scopeOf({ application: { spec } }: Prepared, { cluster, environment }: RenderTarget): RenderScope {
  const applying = spec.overrides.map((override) => matches(override.clusters, cluster.labels));
  const variables = Object.assign(
    {},
    spec.variables,
    ...spec.overrides.filter((_, index) => applying[index]).map((override) => override.variables),
  );
  const patched = spec.overrides.flatMap(({ patches }, index) =>
    applying[index] === true && patches.length > 0 ? [index] : [],
  );
  return { variables, cluster, environment, patched };
}

/** The manifests and patches that a scope uses. */
function manifestsOf(prepared: Prepared, scope: RenderScope): Manifest[] {
  return [...prepared.manifests, ...scope.patched.flatMap((index) => prepared.patches[index] ?? [])];
}

/** Names what a render depends on: the values of what is referenced, and which patches apply (G3). */
export function renderKeyOf(prepared: Prepared, scope: RenderScope): Digest {
  const values: Record<string, unknown> = {};
  for (const { template } of manifestsOf(prepared, scope)) {
    for (const { placeholder } of template.usages) {
      const { reference } = placeholder;
      if (reference !== null) values[describeReference(reference)] = lookUp(reference, scope);
    }
  }
  return digestOf(canonicalJson({ values, patched: scope.patched }));
}

/** How many characters the placeholders of a scope come to: a few lines can mean gigabytes. */
export function expandedSize(prepared: Prepared, scope: RenderScope): number {
  const sizes = new Map<string, number>();
  let size = 0;
  for (const { template } of manifestsOf(prepared, scope)) {
    for (const { placeholder } of template.usages) {
      const { reference } = placeholder;
      if (reference === null) continue;
      const name = describeReference(reference);
      const known = sizes.get(name) ?? canonicalJson(lookUp(reference, scope) ?? null).length;
      sizes.set(name, known);
      size += known;
    }
  }
  return size;
}

/** Of a release with thousands of mistakes, so many are told. */
const problemLimit = 100;

/** The placeholders that have no value in a scope, or one that cannot stand where it is: the first hundred. */
export function missingValues(prepared: Prepared, scope: RenderScope): Problem[] {
  const problems: Problem[] = [];
  for (const { template, file } of manifestsOf(prepared, scope)) {
    for (const { placeholder, embedded } of template.usages) {
      if (problems.length === problemLimit) return problems;
      const { text, line, reference } = placeholder;
      if (reference === null) {
        const remedy =
          'write ${{ name }}, ${{ cluster.name }}, ${{ cluster.labels.KEY }} or ${{ environment }}; $${{ for the text itself';
        problems.push(problemOf('variable-syntax', file, line, null, `${text} is no reference`, remedy));
        continue;
      }
      const value = lookUp(reference, scope);
      if (value === undefined) {
        const remedy = remedyFor(describeReference(reference), knownReferences(scope));
        problems.push(problemOf('variable-unknown', file, line, null, missing(reference, scope), remedy));
      } else if (embedded && (isMap(value) || Array.isArray(value))) {
        const message = `${text} is a ${isMap(value) ? 'map' : 'list'}, and cannot stand inside a text`;
        problems.push(problemOf('variable-not-text', file, line, null, message, 'let it be the whole value, unquoted'));
      }
    }
  }
  return problems;
}

function missing(reference: Reference, { cluster }: RenderScope): string {
  if (reference.type === 'cluster-label') return `cluster ${cluster.name} has no label ${reference.key}`;
  return `there is no variable ${describeReference(reference)}`;
}
