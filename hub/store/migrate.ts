import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { FairwayError, messageOf } from '../../core/errors.ts';
import * as foundation from './migrations/0001-foundation.ts';
import * as traces from './migrations/0002-traces.ts';
import * as pruneApprovals from './migrations/0003-prune-approvals.ts';
import * as promotions from './migrations/0004-promotions.ts';
import * as notifications from './migrations/0005-notifications.ts';
import * as rolledBackBy from './migrations/0006-rolled-back-by.ts';
import * as openedWindows from './migrations/0007-opened-windows.ts';
import type { Schema } from './schema.ts';

/** In order, for ever: what was released is neither edited nor removed. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-foundation': foundation,
  '0002-traces': traces,
  '0003-prune-approvals': pruneApprovals,
  '0004-promotions': promotions,
  '0005-notifications': notifications,
  '0006-rolled-back-by': rolledBackBy,
  '0007-opened-windows': openedWindows,
};

/**
 * Brings the database to this version's shape, all or nothing. Hubs that start at once wait for one another: the
 * migrator holds an advisory lock.
 * @throws FairwayError `database-newer`, `database-migration-failed`
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;

  const unknown = await newerMigrations(db);
  if (unknown.length > 0) {
    throw new FairwayError(
      'database-newer',
      `The database was used by a newer version of Fairway: this one does not know its ${unknown.join(', ')}.`,
      { remedy: 'Start that version or a later one, or restore a backup from before it.' },
    );
  }
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'its shape';
  throw new FairwayError(
    'database-migration-failed',
    `The database could not be brought to this version (${failed}): ${messageOf(error)}`,
    { remedy: 'Nothing was changed. Check that the hub may create tables there.', cause: error },
  );
}

async function newerMigrations(db: Kysely<Schema>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`
    .execute(db)
    .catch(() => ({ rows: [] }));
  return rows.map((row) => row.name).filter((name) => !(name in migrations));
}
