import type { Kysely } from 'kysely';
import type { Problem } from '../../core/errors.ts';
import type { Schema } from './schema.ts';

/**
 * Replaces what is wrong in one scope (`source:NAME`, `application:NAME`, `placement:NAME`). A problem that stands
 * already keeps its `since`.
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
  for (const problem of problems) if (!unseen.delete(keyOf(problem))) added.push(problem);
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

function keyOf(problem: Problem): string {
  return JSON.stringify([problem.severity, problem.code, problem.file, problem.line, problem.field, problem.message]);
}
