import type { Kysely } from 'kysely';
import type { Problem } from '../../core/errors.ts';
import { cutText } from '../../core/text.ts';
import type { Schema } from './schema.ts';

/** So many of one scope are kept: nobody reads more, and a statement takes 65,535 values. */
const problemLimit = 1_000;
/** Characters of one. */
const textLimit = 2_000;

/**
 * Replaces what is wrong in one scope (`source:NAME`, `references:NAME`, `application:NAME`, `placement:NAME`, `promotion:NAME`). A
 * problem that stands already keeps its `since`. Of very many the first are kept, errors before warnings, and the
 * others counted.
 * @param origin the source and commit whose files the problems are about
 */
export async function replaceProblems(
  db: Kysely<Schema>,
  scope: string,
  problems: readonly Problem[],
  origin: { readonly source: string | null; readonly commit: string | null } = { source: null, commit: null },
): Promise<void> {
  const existing = await db.selectFrom('problems').selectAll().where('scope', '=', scope).execute();
  const unseen = new Map(existing.map((row) => [keyOf(row), row.id]));
  const added: Problem[] = [];
  for (const problem of bounded(problems)) if (!unseen.delete(keyOf(problem))) added.push(problem);
  if (unseen.size > 0) {
    await db
      .deleteFrom('problems')
      .where('id', 'in', [...unseen.values()])
      .execute();
  }
  if (added.length > 0) {
    await db
      .insertInto('problems')
      .values(added.map((problem) => ({ ...problem, scope, source: origin.source, commit: origin.commit })))
      .execute();
  }
}

function bounded(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= problemLimit) return problems.map(cut);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  return [
    ...[...errors, ...warnings].slice(0, problemLimit).map(cut),
    {
      ...{ code: 'problems-unlisted', severity: 'warning', file: null, line: null, field: null },
      message: `${problems.length - problemLimit} more problems are not listed`,
      remedy: 'mend those that are; the others show then',
    },
  ];
}

/** What a file says is repeated in its problems, and a file says what it likes. */
function cut({ message, field, remedy, ...rest }: Problem): Problem {
  const short = (text: string | null) => (text === null ? null : cutText(text, textLimit));
  return { ...rest, message: cutText(message, textLimit), field: short(field), remedy: short(remedy) };
}

function keyOf({ severity, code, file, line, field, message, remedy }: Problem): string {
  return JSON.stringify([severity, code, file, line, field, message, remedy]);
}
