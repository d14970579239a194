import { type Kysely, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import { list } from '../../core/names.ts';
import { closedWindows } from '../../core/promotion/windows.ts';
import type { Observed, Rollout } from '../../core/rollout/types.ts';
import type { Schema } from '../store/schema.ts';
import { loadNamedWindows, loadOpenedWindows } from './load-windows.ts';
import { seeMembers } from './members.ts';
import type { RolloutRow } from './rows.ts';
import { readUnavailable } from './unavailable.ts';

/**
 * All of the world that decides a rollout, as it is now.
 * @param db a transaction that holds the rollout's lock
 * @param now milliseconds since the epoch
 */
export async function observe(
  db: Kysely<Schema>,
  row: RolloutRow,
  { strategy, kind, members: known }: Rollout,
  silence: number,
  now: number,
): Promise<Observed> {
  const { environment, application } = row;
  const { spec } = await db
    .selectFrom('releases')
    .select('spec')
    .where('id', '=', row.release)
    .executeTakeFirstOrThrow();
  const removedFrom = kind === 'removal' ? [...known.keys()] : null;
  const question = { environment, application, spec: spec as ApplicationSpec, silence, removedFrom };
  const seen = await seeMembers(db, question);
  if (seen === null) return { members: null, elsewhere: new Set(), closedWindow: null, drift: null };
  const members = new Map(seen.members.map((member) => [member.name, member]));
  return {
    members,
    elsewhere: strategy.maxUnavailable === null ? new Set() : await readUnavailable(db, environment, row.id),
    closedWindow: strategy.windows.length === 0 ? null : await readWindow(db, row, strategy.windows, now),
    drift: seen.spec.drift === 'hold' ? await readDrift(db, application, [...members.keys()]) : null,
  };
}

/** The window that keeps waves from starting, unless a person has opened it for this promotion by force (P4). */
async function readWindow(
  db: Kysely<Schema>,
  { promotion }: RolloutRow,
  names: readonly string[],
  now: number,
): Promise<Observed['closedWindow']> {
  const windows = await loadNamedWindows(db, names);
  const opened = promotion === null ? new Set<string>() : await loadOpenedWindows(db, promotion);
  return closedWindows(windows, now, opened)[0] ?? null;
}

/** Drift that stands on members of an environment which lets no rollout pass while it does. */
async function readDrift(db: Kysely<Schema>, application: string, clusters: readonly string[]): Promise<string | null> {
  const rows = await db
    .selectFrom('drifts')
    .select('cluster')
    .distinct()
    .where('application', '=', application)
    .where('state', 'in', ['open', 'fought'])
    .where('cluster', '=', sql<string>`any(${clusters}::text[])`)
    .orderBy('cluster')
    .execute();
  if (rows.length === 0) return null;
  return `drift stands on ${list(rows.map(({ cluster }) => cluster))}: adopt it, ignore it, or put it back`;
}
