import type { Problem } from '../errors.ts';
import type { Labels } from '../selector.ts';
import type { Application, Declaration } from './parse.ts';

/**
 * What is named and does not exist, and what matches nothing. Pure.
 * @param clusters labels of every cluster that is known, by name; null: unknown, and selectors are not checked
 */
export function checkReferences(
  declarations: readonly Declaration[],
  applications: readonly Application[],
  clusters: ReadonlyMap<string, Labels> | null,
): Problem[] {
  void [declarations, applications, clusters];
  return [];
}
