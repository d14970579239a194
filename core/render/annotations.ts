import { annotationFlaws } from '../annotations.ts';
import type { Problem } from '../errors.ts';
import { hookFlaw } from '../hooks.ts';
import { describeRef, type KubeObject, refOf } from '../object.ts';
import { type Manifest, problemOf } from './manifest.ts';

/** What an object asks of the agent in words that it would refuse: better told where it is written (A2, X4). */
export function annotationProblems(object: KubeObject, { file, line }: Pick<Manifest, 'file' | 'line'>): Problem[] {
  // What SOPS encrypted may have its annotations encrypted too.
  if (object.metadata.annotations === undefined || typeof object.sops === 'string') return [];
  const name = describeRef(refOf(object));
  const problems = annotationFlaws(object).map(({ annotation, message }) =>
    problemOf(
      'annotation-invalid',
      file,
      line,
      `metadata.annotations["${annotation}"]`,
      `${name}: ${annotation} ${message}`,
      'see docs/applying.md for what each annotation takes',
    ),
  );
  const flaw = hookFlaw(object);
  if (flaw === null) return problems;
  const field = flaw.field.slice(1).replaceAll('/', '.');
  return [...problems, problemOf('hook-invalid', file, line, field, `${name}: ${flaw.message}`, 'leave it out')];
}
