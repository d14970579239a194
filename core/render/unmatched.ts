import type { Bundle } from '../bundle.ts';
import type { Problem } from '../errors.ts';
import { refOf } from '../objects/object.ts';
import { type ObjectSelector, selectsObject } from '../objects/object-selector.ts';
import { fieldOf } from '../yaml/positions.ts';
import { problemOf } from './manifest.ts';
import type { Prepared } from './prepare.ts';

/**
 * Rules of `app.yaml` that are for no object of the application: misspelt, or left from what has gone (D4, H1). Where
 * variables are used, names are known only for a cluster, and kinds alone are compared.
 * @param bundle the application as it may come out: no override adds an object or takes one away
 * @returns warnings
 */
export function unmatchedRules({ application, manifests }: Prepared, { objects, namespace }: Bundle): Problem[] {
  const { file, lineOf, spec } = application;
  const varies = manifests.some(({ template }) => template.usages.length > 0);
  const refs = objects.map((object) => refOf(object, object.metadata.namespace ?? namespace ?? 'default'));
  const compared = ({ kind, group, name, namespace }: ObjectSelector): ObjectSelector => ({
    ...(kind === undefined ? {} : { kind }),
    ...(group === undefined ? {} : { group }),
    ...(varies || name === undefined ? {} : { name }),
    ...(varies || namespace === undefined ? {} : { namespace }),
  });
  const unmatched = (list: 'ignore' | 'health', rules: readonly ObjectSelector[]): Problem[] =>
    rules.flatMap((rule, index) => {
      const selector = compared(rule);
      if (refs.some((ref) => selectsObject(selector, ref))) return [];
      const path = ['spec', list, index];
      const message = `this rule is for no object of the application: none is ${describe(selector)}`;
      const remedy = 'correct its kind, group, name or namespace, or take it out';
      const problem = problemOf('rule-unmatched', file, lineOf?.(path) ?? null, fieldOf(path), message, remedy);
      return [{ ...problem, severity: 'warning' }];
    });
  return [...unmatched('ignore', spec.ignore), ...unmatched('health', spec.health)];
}

function describe(selector: ObjectSelector): string {
  return Object.entries(selector)
    .map(([member, value]) => `of ${member} ${JSON.stringify(value)}`)
    .join(', ');
}
