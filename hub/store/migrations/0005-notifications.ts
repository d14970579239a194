import { type Kysely, sql } from 'kysely';

/** What is told to whom outside of Fairway, and what became of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table notices (
     id uuid primary key default gen_random_uuid(),
     key text not null unique,                    -- what it tells of, and since when: so it is told once
     type text not null,                          -- core/notification/notice.ts
     subject text not null,
     message text not null,
     at timestamptz not null,
     environments text[] not null,
     application text, cluster text, release text,
     facts jsonb not null,
     source text, commit text,                    -- where its release comes from
     created_at timestamptz not null default now()
   )`,
  `create index notices_created on notices (created_at)`,
  // A notice on its way to one of the declared notifications.
  `create table deliveries (
     id bigint generated always as identity primary key,
     notice uuid not null references notices (id) on delete cascade,
     notification text not null,
     state text not null default 'waiting' check (state in ('waiting', 'delivered', 'superseded', 'dead')),
     attempts integer not null default 0,
     next_at timestamptz not null default now(),
     reason text,                                 -- why the last attempt failed
     created_at timestamptz not null default now(),
     ended_at timestamptz,
     unique (notice, notification)
   )`,
  `create index deliveries_due on deliveries (notification, next_at) where state = 'waiting'`,
  `create index deliveries_state on deliveries (state, id desc)`,
  // Clusters of which it was told that their agents are silent.
  `create table silences (cluster text primary key, since timestamptz not null)`,
  `create table notification_credentials (
     name text primary key,
     sealed bytea not null,                       -- AES-256-GCM with the hub's data key
     updated_at timestamptz not null default now()
   )`,
];
