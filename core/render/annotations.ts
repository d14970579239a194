import { hookFlaw } from '../apply/hooks.ts';
import type { Problem } from '../errors.ts';
import { fromPointer } from '../fields/pointer.ts';
import { remedyFor } from '../kinds/suggest.ts';
import { annotationFlaws, annotationNames, unknownAnnotations } from '../objects/annotations.ts';
import { describeRef, type KubeObject, refOf } from '../objects/object.ts';
import { fieldOf } from '../yaml/positions.ts';
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
      fieldOf(['metadata', 'annotations', annotation]),
      `${name}: ${annotation} ${message}`,
      'see docs/applying.md for what each annotation takes',
    ),
  );
  for (const annotation of unknownAnnotations(object)) {
    const [message, remedy] = [`${name}: no agent knows ${annotation}`, remedyFor(annotation, annotationNames)];
    const problem = problemOf(
      'annotation-unknown',
      file,
      line,
      fieldOf(['metadata', 'annotations', annotation]),
      message,
      remedy,
    );
    problems.push({ ...problem, severity: 'warning' });
  }
  const flaw = hookFlaw(object);
  if (flaw === null) return problems;
  return [
    ...problems,
    problemOf('hook-invalid', file, line, fieldOf(fromPointer(flaw.field)), `${name}: ${flaw.message}`, 'leave it out'),
  ];
}
