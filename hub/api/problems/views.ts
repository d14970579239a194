import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { DeclarationProblem, ProblemQuery } from '../../../proto/rest/problems.ts';
import type { Condition, Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText } from '../times.ts';

/** What is wrong now with what files declare, oldest first. */
export async function listProblems(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: ProblemQuery,
  { after, limit }: Slice,
): Promise<DeclarationProblem[]> {
  let rows = db.selectFrom('problems').selectAll().where(problemVisible(visibility)).orderBy('id').limit(limit);
  if (after !== null) rows = rows.where('id', '>', Number(after[0]));
  if (query.source !== undefined) rows = rows.where('source', '=', query.source);
  if (query.severity !== undefined) rows = rows.where('severity', '=', query.severity);
  if (query.code !== undefined) rows = rows.where('code', '=', query.code);
  return (await rows.execute()).map(describe);
}

/** How many errors and warnings stand. */
export async function countProblems(
  db: Kysely<Schema>,
  visibility: Visibility,
): Promise<{ errors: number; warnings: number }> {
  return db
    .selectFrom('problems')
    .select([
      sql<number>`(count(*) filter (where severity = 'error'))::int`.as('errors'),
      sql<number>`(count(*) filter (where severity = 'warning'))::int`.as('warnings'),
    ])
    .where(problemVisible(visibility))
    .executeTakeFirstOrThrow();
}

/** A problem of an application or of its placements belongs to its tenant; those of sources are seen only without bounds. */
function problemVisible({ tenants }: Visibility): Condition {
  if (tenants === null) return sql<SqlBool>`true`;
  return sql<SqlBool>`split_part(problems.scope, ':', 1) in ('application', 'placement', 'promotion')
    and split_part(problems.scope, ':', 2) in (select a.name from applications a where a.tenant = any(${tenants}::text[]))`;
}

function describe(row: Selectable<Schema['problems']>): DeclarationProblem {
  return { ...row, since: timeText(row.since) };
}
