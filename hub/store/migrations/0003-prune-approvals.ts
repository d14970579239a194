import { type Kysely, sql } from 'kysely';

/** A person's word that a release may delete what it no longer has, however much that is: once an environment (A6). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table prune_approvals (
    environment text not null,
    application text not null,
    release text not null references releases (id),
    approved_by text not null,
    promotion text,                              -- the promotion whose approved plan listed the deletions; null: none
    at timestamptz not null default now(),
    primary key (environment, application, release)
  )`.execute(db);
}
