import { type Kysely, type SqlBool, sql } from 'kysely';
import type { CheckFacts } from '../../core/promotion/world.ts';
import type { Schema } from '../store/schema.ts';

/** Verdicts by release, the latest last. */
export type Checks = ReadonlyMap<string, readonly Verdict[]>;

interface Verdict extends CheckFacts {
  readonly name: string;
  /** Null: wherever the release goes. */
  readonly environment: string | null;
}

/** All verdicts on some releases. */
export async function loadChecks(db: Kysely<Schema>, releases: readonly string[]): Promise<Checks> {
  if (releases.length === 0) return new Map();
  const rows = await db
    .selectFrom('checks')
    .select(['release', 'name', 'environment', 'verdict', 'detail', 'at'])
    .where(sql<SqlBool>`release = any(${releases}::text[])`)
    .orderBy('id')
    .execute();
  return Map.groupBy(
    rows.map((row) => ({ ...row, at: row.at.getTime() })),
    ({ release }) => release,
  );
}

/** What counts of a release in an environment: the latest verdict of each name (P4). */
export function verdictsOn(
  checks: Checks,
  release: string | null,
  environment: string,
): ReadonlyMap<string, CheckFacts> {
  const own = (checks.get(release ?? '') ?? []).filter(
    (verdict) => verdict.environment === null || verdict.environment === environment,
  );
  return new Map(own.map((verdict) => [verdict.name, verdict]));
}
