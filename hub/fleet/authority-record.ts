import type { Kysely } from 'kysely';
import { FairwayError } from '../../core/errors.ts';
import type { AuthorityFingerprints } from '../../core/link/join-token.ts';
import type { Schema } from '../store/schema.ts';
import type { Authority } from './authority.ts';

const setting = 'authority';

/**
 * Makes sure that this database and this authority belong together: the first start records the authority, every
 * later one compares. With another one, every agent would be shut out.
 * @throws FairwayError `authority-mismatch`
 */
export async function claimDatabase(
  db: Kysely<Schema>,
  { fingerprints }: Pick<Authority, 'fingerprints'>,
  dataDir: string,
): Promise<void> {
  await db
    .insertInto('settings')
    .values({ name: setting, value: JSON.stringify({ fingerprints }) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const { value } = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', setting)
    .executeTakeFirstOrThrow();
  const recorded = value as { readonly fingerprints: AuthorityFingerprints };
  if (recorded.fingerprints.join() === fingerprints.join()) return;
  throw new FairwayError(
    'authority-mismatch',
    `The database belongs to a hub with another authority (${short(recorded.fingerprints)}) than the one in ${dataDir}/authority (${short(fingerprints)}).`,
    {
      field: 'FAIRWAY_DATA_DIR',
      remedy: `Restore ${dataDir}/authority from the backup of that hub, copy it from the first replica, or give this hub a database of its own.`,
    },
  );
}

function short([active]: AuthorityFingerprints): string {
  return active.slice(0, 16);
}
