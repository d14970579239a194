import type { KubeObject } from './object.ts';

/** What an object's own annotations ask of the agent, beside the application that it belongs to. */

/** Orders objects within a stage: a whole number, lower first, 0 where it is left out (A2). */
export const waveAnnotation = 'fairway.dev/wave';
/** `pre` or `post`: a Job that runs to its end before or after the rest (A2). */
export const hookAnnotation = 'fairway.dev/hook';
/** `before-next`, `on-success` or `never`: when a hook's Job is deleted (A2). */
export const hookDeleteAnnotation = 'fairway.dev/hook-delete';
/** `allowed`: the object may be deleted and created anew where a field is immutable (A8). */
export const replaceAnnotation = 'fairway.dev/replace';
/** `yield` or `force`: who wins this object's fields, in place of what the application says (A4). */
export const conflictsAnnotation = 'fairway.dev/conflicts';
/** `never`: the object is not deleted by itself, nor replaced (A7). */
export const pruneAnnotation = 'fairway.dev/prune';
/** The application that the object is taken over from (A12). */
export const movedFromAnnotation = 'fairway.dev/moved-from';
/** Of the sandbox, and of no agent: nothing of an object that has it ever becomes ready. */
export const sandboxFailAnnotation = 'fairway.dev/sandbox-fail';

const meanings: readonly (readonly [annotation: string, takes: RegExp, expected: string])[] = [
  [waveAnnotation, /^-?\d{1,9}$/, 'a whole number'],
  [hookAnnotation, /^(pre|post)$/, 'pre or post'],
  [hookDeleteAnnotation, /^(before-next|on-success|never)$/, 'before-next, on-success or never'],
  [replaceAnnotation, /^allowed$/, 'allowed'],
  [conflictsAnnotation, /^(yield|force)$/, 'yield or force'],
  [pruneAnnotation, /^never$/, 'never'],
  [movedFromAnnotation, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'the name of an application'],
];

/** The names of all of them. */
export const annotationNames: readonly string[] = meanings.map(([annotation]) => annotation);

/** Those of Fairway's that an object has and nobody knows. */
export function unknownAnnotations({ metadata }: KubeObject): readonly string[] {
  return Object.keys(metadata.annotations ?? {}).filter(
    (annotation) =>
      annotation.startsWith('fairway.dev/') &&
      !annotationNames.includes(annotation) &&
      annotation !== sandboxFailAnnotation,
  );
}

/** An annotation that says what nobody understands. */
export interface AnnotationFlaw {
  readonly annotation: string;
  /** A sentence without a subject: `must be a whole number`. */
  readonly message: string;
}

/** What is wrong with the annotations of an object; nothing is guessed from a value that is misspelt. */
export function annotationFlaws(object: KubeObject): readonly AnnotationFlaw[] {
  return meanings.flatMap(([annotation, takes, expected]) => {
    const value = annotationOf(object, annotation);
    return value === null || takes.test(value) ? [] : [{ annotation, message: `must be ${expected}` }];
  });
}

/** The value of an annotation; null where the object has none of that name. */
export function annotationOf(object: KubeObject, annotation: string): string | null {
  const value = object.metadata.annotations?.[annotation];
  return value === undefined ? null : String(value);
}
