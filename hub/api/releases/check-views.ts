import { type Kysely, type Selectable, sql } from 'kysely';
import type { Check, CheckQuery } from '../../../proto/rest/checks.ts';
import { environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { timeText } from '../times.ts';

/** Verdicts on a release, the newest first: those for an environment that the caller sees, and those for all. */
export async function listChecks(
  db: Kysely<Schema>,
  visibility: Visibility,
  release: string,
  { name, environment }: CheckQuery,
  { after, limit }: Slice,
): Promise<Check[]> {
  let rows = db
    .selectFrom('checks')
    .selectAll()
    .where('release', '=', release)
    .where(sql<boolean>`(environment is null or ${environmentVisible(visibility, 'checks.environment')})`)
    .orderBy('id', 'desc')
    .limit(limit);
  if (after !== null) rows = rows.where('id', '<', Number(after[0]));
  if (name !== undefined) rows = rows.where('name', '=', name);
  if (environment !== undefined) rows = rows.where('environment', '=', environment);
  return (await rows.execute()).map(describeCheck);
}

/** A verdict as the wire has it. */
export function describeCheck(row: Selectable<Schema['checks']>): Check {
  const { id, release, environment, name, verdict, detail, url, reported_by: reportedBy, at } = row;
  return { id, release, environment, name, verdict, detail, url, reportedBy, at: timeText(at) };
}
