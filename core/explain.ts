import { FairwayError, messageOf } from './errors.ts';

/**
 * What a person is told of an error, line by line: what is wrong, the next step, and the code to search for (X4).
 * @param program whose error it is: `fairway`
 */
export function explain(program: string, error: unknown): readonly string[] {
  const lines = [`${program}: ${messageOf(error)}`];
  if (!(error instanceof FairwayError)) return lines;
  if (error.remedy !== undefined) lines.push(`  next: ${error.remedy}`);
  lines.push(`  code: ${error.code}${error.field === undefined ? '' : `, field: ${error.field}`}`);
  return lines;
}
