import { type Kysely, sql } from 'kysely';
import type { PinSpec } from '../../core/kinds/pin.ts';
import type { Position } from '../../proto/rest/positions.ts';
import { applicationNamedVisible, environmentVisible, type Visibility } from '../access/visibility.ts';
import type { Schema } from '../store/schema.ts';
import { timeText, timeTextOrNull, waitText } from './times.ts';

/** One environment's applications, or one application's environments. */
export type PositionsOf = { readonly environment: string } | { readonly application: string };

type Table = 'settlements' | 'pins' | 'promotions' | 'rollouts';

/** Where applications stand in environments, as far as the caller sees, by environment and application. */
export async function loadPositions(
  db: Kysely<Schema>,
  visibility: Visibility,
  of: PositionsOf,
): Promise<readonly Position[]> {
  const [settlements, pins, promotions, rollouts] = await Promise.all([
    db
      .selectFrom('settlements')
      .select(['environment', 'application', 'release', 'settled_at', 'healthy_since'])
      .where('superseded_at', 'is', null)
      .where(within('settlements', visibility, of))
      .execute(),
    db
      .selectFrom('pins')
      .leftJoin('releases', (join) =>
        join.onRef('releases.application', '=', 'pins.application').onRef('releases.commit', '=', 'pins.revision'),
      )
      .select(['pins.environment', 'pins.application', 'pins.revision', 'pins.spec', 'releases.id as release'])
      .where(within('pins', visibility, of))
      .execute(),
    db
      .selectFrom('promotions')
      .select(['id', 'environment', 'application', 'release', 'state', 'waits'])
      .where('ended_at', 'is', null)
      .where(within('promotions', visibility, of))
      .orderBy('id')
      .execute(),
    db
      .selectFrom('rollouts')
      .select(['id', 'environment', 'application', 'release', 'state', 'wait'])
      .where('ended_at', 'is', null)
      .where(within('rollouts', visibility, of))
      .execute(),
  ]);

  const positions = new Map<string, Position>();
  const at = ({ environment, application }: Pick<Position, 'environment' | 'application'>): Position => {
    const key = `${environment}\0${application}`;
    const known = positions.get(key);
    if (known !== undefined) return known;
    const made = { environment, application, settled: null, pin: null, promotions: [], rollout: null };
    positions.set(key, made);
    return made;
  };
  for (const row of settlements) {
    const { release, settled_at, healthy_since } = row;
    at(row).settled = { release, since: timeText(settled_at), healthySince: timeTextOrNull(healthy_since) };
  }
  for (const row of pins) {
    const { revision, release, spec } = row;
    at(row).pin = { revision, release, hold: (spec as PinSpec).hold ?? null };
  }
  for (const row of promotions) {
    const [wait] = row.waits;
    const { id, release, state } = row;
    const first = wait === undefined ? null : { gate: wait.gate, ...waitText(wait) };
    at(row).promotions.push({ id, release, state, wait: first });
  }
  for (const row of rollouts) {
    const { id, release, state, wait } = row;
    at(row).rollout = { id, release, state, wait: wait === null ? null : waitText(wait) };
  }
  return [...positions.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, position]) => position);
}

function within(table: Table, visibility: Visibility, of: PositionsOf) {
  const [column, name] = 'environment' in of ? ['environment', of.environment] : ['application', of.application];
  return sql<boolean>`(${sql.ref(`${table}.${column}`)} = ${name}
    and ${environmentVisible(visibility, `${table}.environment`)}
    and ${applicationNamedVisible(visibility, `${table}.application`)})`;
}
