import { annotationOf, replaceAnnotation } from '../objects/annotations.ts';
import type { Wanted } from './desired.ts';
import type { LiveRecord } from './live.ts';
import { holdsData } from './plan-left.ts';

/**
 * Whether an object may be deleted and created anew, where the API server lets nobody change its fields (A8).
 * @returns null where it may; else why not, as the end of a sentence that says what to do
 */
export function replaceRefusal({ ref, object }: Wanted, live: Pick<LiveRecord, 'keep'>): string | null {
  const never = 'it is never deleted and created anew, for';
  if (holdsData(ref)) return `${never} it holds data`;
  if (ref.group === '' && ref.kind === 'Namespace') return `${never} all that is in it would go with it`;
  if (ref.group === 'apiextensions.k8s.io' && ref.kind === 'CustomResourceDefinition')
    return `${never} all objects of its kind would go with it`;
  if (live.keep) return `${never} it is marked fairway.dev/prune: never`;
  if (annotationOf(object, replaceAnnotation) === 'allowed') return null;
  return `where it may be deleted and created anew, say so with the annotation ${replaceAnnotation}: allowed`;
}
