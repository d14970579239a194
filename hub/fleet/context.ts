import type { Kysely } from 'kysely';
import type { Loops } from '../queue/loops.ts';
import type { Schema } from '../store/schema.ts';
import type { Authority } from './authority.ts';
import { wholeFleet } from './check-loop.ts';

/** What the commands on clusters need of the hub. */
export interface FleetContext {
  readonly db: Kysely<Schema>;
  readonly authority: Pick<Authority, 'fingerprints'>;
  readonly loops: Pick<Loops, 'wake'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Asks every application to look at its clusters again. Call it after the commit of what changed them. */
export async function wakePlacements({ db, loops }: Pick<FleetContext, 'db' | 'loops'>): Promise<void> {
  const applications = await db.selectFrom('applications').select('name').execute();
  await Promise.all([
    loops.wake('check', wholeFleet),
    ...applications.map(({ name }) => loops.wake('placement', name)),
  ]);
}
