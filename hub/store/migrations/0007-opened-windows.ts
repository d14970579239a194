import { type Kysely, sql } from 'kysely';

/** Which windows a person has opened by force (P4); one that closes later is not among them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table overrides add column name text`, // which window; null: the gate is the only one of its kind
  `alter table overrides drop constraint overrides_pkey`,
  `create unique index overrides_once on overrides (promotion, gate, name) nulls not distinct`,
  // Until now whoever opened one opened all that their environment names.
  `insert into overrides (promotion, gate, name, actor, reason, at)
     select promotion, gate, windows.name, actor, overrides.reason, at
     from overrides
     join promotions on promotions.id = overrides.promotion
     join declarations on declarations.kind = 'Environment' and declarations.name = promotions.environment
     cross join jsonb_array_elements_text(declarations.spec->'promotion'->'windows') as windows (name)
     where gate = 'window'
     on conflict do nothing`,
  `delete from overrides where gate = 'window' and name is null`,
];
