import { type Kysely, sql } from 'kysely';
import type { PinSpec } from '../../../core/kinds/pin.ts';
import type { Hold, HoldQuery } from '../../../proto/rest/holds.ts';
import { applicationNamedVisible, environmentVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';

/** Pins that are held, by environment and application: as Git has them (P5). */
export async function listHolds(
  db: Kysely<Schema>,
  visibility: Visibility,
  { environment, application }: HoldQuery,
  { after, limit }: Slice,
): Promise<Hold[]> {
  let rows = db
    .selectFrom('pins')
    .leftJoin('releases', (join) =>
      join.onRef('releases.application', '=', 'pins.application').onRef('releases.commit', '=', 'pins.revision'),
    )
    .select(['pins.environment', 'pins.application', 'pins.revision', 'pins.commit', 'pins.spec'])
    .select('releases.id as release')
    .where(heldVisible(visibility))
    .orderBy('pins.environment')
    .orderBy('pins.application')
    .limit(limit);
  if (after !== null) {
    rows = rows.where(sql<boolean>`(pins.environment, pins.application) > (${after[0]}::text, ${after[1]}::text)`);
  }
  if (environment !== undefined) rows = rows.where('pins.environment', '=', environment);
  if (application !== undefined) rows = rows.where('pins.application', '=', application);
  return (await rows.execute()).flatMap(({ spec, ...pin }) => {
    const { hold } = spec as PinSpec;
    return hold === undefined ? [] : [{ ...pin, reason: hold.reason, by: hold.by }];
  });
}

/** How many there are. */
export async function countHolds(db: Kysely<Schema>, visibility: Visibility): Promise<number> {
  const { count } = await db
    .selectFrom('pins')
    .select(sql<number>`count(*)::int`.as('count'))
    .where(heldVisible(visibility))
    .executeTakeFirstOrThrow();
  return count;
}

function heldVisible(visibility: Visibility) {
  return sql<boolean>`pins.spec -> 'hold' is not null and ${environmentVisible(visibility, 'pins.environment')}
    and ${applicationNamedVisible(visibility, 'pins.application')}`;
}
