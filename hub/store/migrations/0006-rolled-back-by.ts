import { type Kysely, sql } from 'kysely';

/** Who took a rollout back: a person, or 'hub' where failures did; null: nobody has. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table rollouts add column rolled_back_by text`.execute(db);
}
