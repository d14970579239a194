import { type Kysely, sql } from 'kysely';

/** The first shape of the database. Migrations are append-only: a shape that was released is changed by a new one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Facts about this hub itself: its authority's fingerprint, its identity, the schema's birth.
  `create table settings (
     name text primary key,
     value jsonb not null
   )`,

  // --- Git → commits -------------------------------------------------------------------------------------
  `create table sources (
     name text primary key,
     origin text not null check (origin in ('fleet', 'declared')),
     spec jsonb not null,                         -- core/kinds/source.ts
     head text,                                   -- the commit that was last taken in whole
     head_committed_at timestamptz,
     head_author text,
     head_message text,
     head_seen_at timestamptz,                    -- when the hub first saw that head
     rewritten_head text,                         -- a head that does not descend from ours (G7); not followed
     checked_at timestamptz,                      -- last time that the remote answered
     error_code text, error_message text, error_since timestamptz,   -- the remote does not answer (G8)
     removed_at timestamptz
   )`,
  `create table source_credentials (
     source text primary key,
     sealed bytea not null,                       -- AES-256-GCM with the hub's data key
     updated_at timestamptz not null default now()
   )`,
  // Last good version of every declared thing (G6). The row of a file that broke keeps its old spec.
  `create table declarations (
     kind text not null,
     name text not null,
     spec jsonb not null,
     labels jsonb not null default '{}',
     file text not null, line integer not null default 1,
     commit text not null,
     declared_at timestamptz not null default now(),
     primary key (kind, name)
   )`,
  // What is wrong now, replaced as a whole by the loop that owns the scope: 'source:NAME', 'application:NAME', 'placement:NAME'.
  `create table problems (
     id bigint generated always as identity primary key,
     scope text not null,
     source text, commit text,
     severity text not null check (severity in ('error', 'warning')),
     code text not null,
     file text, line integer, field text,
     message text not null,
     remedy text,
     since timestamptz not null default now()
   )`,
  `create index problems_scope on problems (scope)`,

  // --- commits → releases --------------------------------------------------------------------------------
  // Where each application lives, at the head of its source.
  `create table applications (
     name text primary key,
     source text not null,
     path text not null,                          -- folder in the source, '' for its root
     tree text not null,                          -- tree id of that folder and of what it references (G2)
     commit text not null,                        -- the head at which this tree was first seen
     spec jsonb,                                  -- that of its newest good release
     tenant text,
     newest_release text,                         -- the newest that is good
     seen_at timestamptz not null default now(),
     removed_at timestamptz                       -- its folder is gone (G9): nothing is deleted for that
   )`,
  `create table releases (
     id text primary key,                         -- app@shortsha (12 digits)
     application text not null,
     source text not null,
     commit text not null,
     tree text not null,
     path text not null,
     spec jsonb not null,                         -- app.yaml at this commit, core/kinds/application.ts
     author text, message text, committed_at timestamptz,
     origin text not null check (origin in ('head', 'pin')),
     sequence bigint generated always as identity,
     traceparent text,
     created_at timestamptz not null default now(),
     unique (application, commit)
   )`,
  `create index releases_application on releases (application, sequence desc)`,
  `create table bundles (
     digest text primary key,
     size integer not null,
     objects jsonb not null,                      -- [{group, kind, namespace, name}], for screens
     sealed boolean not null,                     -- holds Secrets: content is encrypted with the data key (G4)
     content bytea not null,
     created_at timestamptz not null default now()
   )`,
  `create table renders (
     release text not null references releases (id),
     render_key text not null,                    -- digest of the values of the variables that are referenced (G3)
     bundle text not null references bundles (digest),
     primary key (release, render_key)
   )`,

  // --- pins ----------------------------------------------------------------------------------------------
  `create table pins (
     environment text not null,
     application text not null,
     spec jsonb not null,                         -- core/kinds/pin.ts
     revision text not null,
     commit text not null,
     file text not null,
     primary key (environment, application)
   )`,

  // --- the fleet -----------------------------------------------------------------------------------------
  `create table clusters (
     name text primary key,
     labels jsonb not null default '{}',          -- given over REST
     declared_labels jsonb,                       -- given in Git; wins
     allow jsonb,                                 -- {kinds, namespaces}; null: without bounds
     state text not null check (state in ('registered', 'joined', 'revoked')),
     cordoned_at timestamptz, cordoned_reason text,
     agent_version text, kubernetes_version text,
     epoch text, events_stored bigint not null default 0, events_dropped bigint not null default 0,
     connected boolean not null default false, replica text, connection_since timestamptz,
     last_seen_at timestamptz,
     registered_at timestamptz not null default now(), joined_at timestamptz
   )`,
  `create table join_tokens (
     hash text primary key,                       -- SHA-256 of the secret (T1)
     cluster text not null references clusters (name) on delete cascade,
     created_by text not null,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null,
     used_at timestamptz
   )`,
  `create table certificates (
     serial text primary key,                     -- lower-case hexadecimal
     cluster text not null,
     issued_at timestamptz not null default now(),
     expires_at timestamptz not null,
     revoked_at timestamptz
   )`,
  `create index certificates_cluster on certificates (cluster)`,

  // --- pins → assignments --------------------------------------------------------------------------------
  `create table placements (
     cluster text not null references clusters (name) on delete cascade,
     application text not null,
     environment text not null,
     state text not null check (state in ('active', 'leaving')),
     state_reason text,
     state_since timestamptz not null default now(),
     release text not null references releases (id),
     bundle text not null references bundles (digest),
     generation bigint not null,
     drift_mode text not null,
     tenant jsonb,                                -- TenantBounds of core/link/assignment.ts
     traceparent text,
     assigned_at timestamptz not null default now(),
     -- what the agent says, latest wins
     reported jsonb,                              -- ApplicationStatus of core/link/status.ts
     reported_digest text,
     reported_at timestamptz,
     health text, phase text,
     running_release text, running_bundle text,
     primary key (cluster, application)
   )`,
  `create index placements_application on placements (application)`,
  `create table drifts (
     id bigint generated always as identity primary key,
     cluster text not null,
     application text not null,
     object_group text not null, object_kind text not null, object_namespace text not null, object_name text not null,
     field text not null,
     wanted text, found text,
     manager text not null,
     state text not null check (state in ('open', 'corrected', 'gone', 'fought')),
     first_seen_at timestamptz not null,
     ended_at timestamptz,
     unique (cluster, application, object_group, object_kind, object_namespace, object_name, field, first_seen_at)
   )`,
  `create index drifts_newest on drifts (first_seen_at desc, id desc)`,
  `create table events (
     id bigint generated always as identity primary key,
     at timestamptz not null,
     cluster text,
     application text,
     environment text,
     release text,
     type text not null,                          -- drift | applied | failed | pruned | connected | disconnected | release | …
     severity text not null check (severity in ('info', 'warning', 'error')),
     message text not null,
     data jsonb not null,
     epoch text, sequence bigint
   )`,
  `create unique index events_once on events (cluster, epoch, sequence) where epoch is not null`,
  `create index events_cluster on events (cluster, id desc)`,
  `create index events_application on events (application, id desc)`,

  // --- access and the ledger -----------------------------------------------------------------------------
  `create table tokens (
     id text primary key,
     name text not null unique,
     hash text not null unique,
     role text not null,
     environments text[] not null default '{*}',
     tenants text[] not null default '{*}',
     created_by text not null,
     created_at timestamptz not null default now(),
     expires_at timestamptz,
     revoked_at timestamptz,
     last_used_at timestamptz
   )`,
  `create table idempotency_keys (
     principal text not null,
     key text not null,
     request text not null,                       -- digest of method, path and body
     status integer, response jsonb,
     created_at timestamptz not null default now(),
     primary key (principal, key)
   )`,
  `create table ledger (
     id bigint generated always as identity primary key,
     at timestamptz not null default now(),
     actor text not null,                         -- 'user:…', 'token:…', 'cluster:…', 'hub'
     action text not null,                        -- 'cluster.register', 'release.create', 'placement.assign', …
     subject text not null,                       -- 'cluster/eu-1', 'application/shop', …
     cluster text, environment text, application text, release text,
     approvers text[],
     digest_before text, digest_after text,
     commit text,
     detail jsonb not null default '{}'
   )`,
  `create index ledger_cluster on ledger (cluster, id)`,
  `create function refuse_ledger_change() returns trigger language plpgsql as $$
   begin
     raise exception 'the ledger is append-only' using errcode = 'restrict_violation';
   end $$`,
  `create trigger ledger_is_append_only before update or delete on ledger
     for each row execute function refuse_ledger_change()`,
  `create trigger ledger_is_not_emptied before truncate on ledger
     for each statement execute function refuse_ledger_change()`,
];
