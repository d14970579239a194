import { type Kysely, sql } from 'kysely';

/** What was read from Git carries the trace that began when the hub took it, for the release that is made of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table applications add column traceparent text`.execute(db);
  await sql`alter table pins add column traceparent text`.execute(db);
}
