import { type Kysely, sql } from 'kysely';

/** Releases → pins → clusters: promotions with their gates, rollouts with their waves, and what has settled. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // --- what an environment is known to run (G1) ----------------------------------------------------------
  // A row each time that a rollout has completed there; the one without `superseded_at` is in force.
  `create table settlements (
     id bigint generated always as identity primary key,
     environment text not null,
     application text not null,
     release text not null references releases (id),
     rollout bigint,
     settled_at timestamptz not null default now(),
     healthy_since timestamptz,                   -- null while a cluster that runs it is not well
     soaked_ms bigint not null default 0,         -- the longest that it was healthy without a break, before \`healthy_since\` (P1)
     superseded_at timestamptz
   )`,
  `create unique index settlements_in_force on settlements (environment, application) where superseded_at is null`,
  `create index settlements_release on settlements (application, release)`,

  // --- releases → pins -----------------------------------------------------------------------------------
  // What a person was shown, and approved: named by the digest of its content (P2).
  `create table plans (
     digest text primary key,
     content jsonb not null,
     created_at timestamptz not null default now()
   )`,
  `create table promotions (
     id bigint generated always as identity primary key,
     promotion_set bigint,                        -- id of the first of those that are promoted as one commit
     environment text not null,
     application text not null,
     kind text not null check (kind in ('release', 'removal', 'rollback')),
     origin text not null check (origin in ('request', 'auto', 'pin', 'head', 'rollback')),
     source text,
     revision text,                               -- the commit that the pin is to name, or names
     release text references releases (id),       -- null: the commit is no release yet, or this is a removal
     previous text references releases (id),      -- what was settled when it began
     state text not null check (state in ('waiting', 'pinning', 'pinned', 'rolling-out',
       'settled', 'rolled-back', 'rejected', 'aborted', 'superseded', 'failed')),
     state_reason text,
     state_since timestamptz not null default now(),
     waits jsonb not null default '[]',           -- [{gate, reason, since, deadline}], each gate that is not met (R5)
     plan_digest text references plans (digest),
     pin_before text,                             -- the pin's revision that it was decided on; null: there was none (G10)
     pin_commit text,                             -- recorded before it is pushed (G10)
     rollout bigint,
     requested_by text not null,
     reason text,
     authors jsonb,                               -- e-mail addresses of whoever wrote what is new in it; null: not known yet (P3)
     generation bigint not null default 1,
     traceparent text,
     created_at timestamptz not null default now(),
     ended_at timestamptz
   )`,
  // One may be on its way to the pin while the one before it still rolls out.
  `create unique index promotions_requested on promotions (environment, application)
     where state in ('waiting', 'pinning', 'pinned')`,
  `create unique index promotions_rolling on promotions (environment, application) where state = 'rolling-out'`,
  `create index promotions_application on promotions (application, id desc)`,
  // The promotion that answers for what a pin says; null: the pin was changed, and nobody has judged it yet (P6).
  `alter table pins add column promotion bigint`,
  // Whose token it is: nobody approves commits that they wrote (P3).
  `alter table tokens add column email text`,
  `create table approvals (
     id bigint generated always as identity primary key,
     promotion bigint not null references promotions (id),
     actor text not null,
     role text not null,
     decision text not null check (decision in ('approve', 'reject')),
     plan_digest text not null,                   -- an approval holds for this plan alone (P2)
     reason text,
     at timestamptz not null default now(),
     voided_at timestamptz, voided_reason text
   )`,
  `create unique index approvals_once on approvals (promotion, actor) where voided_at is null`,
  // Verdicts on a release by any system; the latest of a name counts (P4, P7).
  `create table checks (
     id bigint generated always as identity primary key,
     release text not null references releases (id),
     environment text,                            -- null: wherever it goes
     name text not null,
     verdict text not null check (verdict in ('pass', 'fail', 'inconclusive')),
     detail text, url text,
     reported_by text not null,
     at timestamptz not null default now()
   )`,
  `create index checks_release on checks (release, name, id desc)`,
  // A gate that a person has opened by force, with a reason (P1, P4).
  `create table overrides (
     promotion bigint not null references promotions (id),
     gate text not null,
     actor text not null,
     reason text not null,
     at timestamptz not null default now(),
     primary key (promotion, gate)
   )`,

  // --- pins → assignments --------------------------------------------------------------------------------
  `create table rollouts (
     id bigint generated always as identity primary key,
     environment text not null,
     application text not null,
     promotion bigint references promotions (id),
     kind text not null check (kind in ('release', 'removal', 'rollback')),
     release text not null references releases (id),   -- of a removal: the one that is taken away
     previous text references releases (id),      -- what was settled at the snapshot; what a rollback returns to
     strategy jsonb not null,                     -- the snapshot of the environment's rules (R1), core/rollout
     state text not null,                         -- core/rollout says which there are
     state_reason text,
     state_since timestamptz not null default now(),
     wait jsonb,                                  -- {reason, since, deadline}: what it waits for (R5)
     wave integer not null default 0,             -- the position of the wave under way
     paused_by text,                              -- a person, or 'hub' where failures did; null: it is not paused
     generation bigint not null default 1,        -- grows with each decision; a write on an older one is refused (R9, R11)
     wake_at timestamptz,
     started_by text not null,
     traceparent text,
     created_at timestamptz not null default now(),
     ended_at timestamptz
   )`,
  `create unique index rollouts_active on rollouts (environment, application) where ended_at is null`,
  `create index rollouts_application on rollouts (application, id desc)`,
  `create table rollout_waves (
     rollout bigint not null references rollouts (id) on delete cascade,
     position integer not null,
     name text not null,
     state text not null,
     started_at timestamptz,
     healthy_since timestamptz,                   -- every cluster of it healthy or excused since then: its soak runs
     approved_by text, approved_at timestamptz,
     ended_at timestamptz,
     primary key (rollout, position)
   )`,
  `create table rollout_clusters (
     rollout bigint not null references rollouts (id) on delete cascade,
     cluster text not null,
     wave integer not null,
     state text not null,
     state_reason text,
     state_since timestamptz not null default now(),
     ill_before boolean not null default false,   -- ill or silent at the snapshot: it takes none of the budget (R3)
     assigned_at timestamptz,                     -- its turn came
     assigned_by bigint,                          -- the generation that decided so (R9)
     handed_out_at timestamptz,                   -- its placement follows the rollout from then on (G1)
     given_back boolean not null default false,   -- its placement is what was settled again (R6)
     deadline timestamptz,
     attempts integer not null default 0,
     primary key (rollout, cluster)
   )`,
  `create index rollout_clusters_cluster on rollout_clusters (cluster)`,
  // Every step that a rollout took, for whoever asks afterwards whether a budget was ever exceeded (R3).
  `create table rollout_history (
     id bigint generated always as identity primary key,
     rollout bigint not null,
     generation bigint not null,
     at timestamptz not null default now(),
     wave integer, cluster text,
     event text not null,
     detail jsonb not null default '{}'
   )`,
  `create index rollout_history_rollout on rollout_history (rollout, id)`,
];
