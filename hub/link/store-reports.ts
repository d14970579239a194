import { sql, type Transaction } from 'kysely';
import type { Schema } from '../store/schema.ts';
import { publishNews } from './news-publish.ts';
import type { DriftRow, ReportRows, StatusRow } from './reports.ts';

/** A placement that has come to run what it is assigned, or has begun to fail at it, with a report. */
export interface Turn {
  readonly cluster: string;
  readonly application: string;
  readonly environment: string;
  readonly release: string;
  readonly to: 'applied' | 'failed';
  /** Of its assignment. */
  readonly traceparent: string | null;
  /** Seconds since it was assigned, and since its release was made. */
  readonly sinceAssigned: number;
  readonly sinceReleased: number;
}

/** A placement of which a report says something new. */
export interface ReportedNews {
  readonly application: string;
  readonly environment: string;
  /** Its health, its phase or what runs is another; else only something about it. */
  readonly turned: boolean;
}

/** What reports have changed. */
export interface Stored {
  /** The placements for which they are a turn. */
  readonly turns: readonly Turn[];
  readonly news: readonly ReportedNews[];
}

/**
 * Writes the rows of many reports in a handful of statements, each with one JSON parameter for any number of rows.
 * Rows are locked in the order cluster, application.
 */
export async function storeReports(transaction: Transaction<Schema>, rows: ReportRows): Promise<Stored> {
  const stored = rows.statuses.length > 0 ? await updatePlacements(transaction, rows.statuses) : nothingStored;
  if (rows.forgotten.length > 0) await forget(transaction, rows.forgotten);
  if (rows.driftChanges.length > 0) await changeDrifts(transaction, rows.driftChanges);
  if (rows.statuses.length > 0) await endUnlisted(transaction, rows.statuses, rows.standing);
  if (rows.standing.length > 0) await openDrifts(transaction, rows.standing);
  if (rows.positions.length > 0) await storeEvents(transaction, rows);
  return stored;
}

const nothingStored: Stored = { turns: [], news: [] };

type Written = Omit<Turn, 'to'> & ReportedNews & { readonly to: Turn['to'] | null };

/** A status of an older generation than the placement's is history, and changes nothing. */
async function updatePlacements(transaction: Transaction<Schema>, rows: readonly StatusRow[]): Promise<Stored> {
  const { rows: written } = await sql<Written>`
    with report as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r
        (cluster text, application text, generation bigint, reported jsonb, digest text, health text, phase text,
         running_release text, running_bundle text)
    ), locked as (
      select p.cluster, p.application, p.health, p.phase, p.running_release, p.running_bundle, p.reported_digest
      from placements p join report r using (cluster, application)
      where p.generation <= r.generation order by p.cluster, p.application for update of p
    ), written as (
      update placements p set reported = r.reported, reported_digest = r.digest, reported_at = now(),
        health = r.health, phase = r.phase, running_release = r.running_release, running_bundle = r.running_bundle
      from report r join locked l using (cluster, application)
      where p.cluster = r.cluster and p.application = r.application
      returning p.cluster, p.application, p.environment, p.release, p.traceparent, p.assigned_at,
        l.reported_digest is distinct from r.digest as is_news,
        (l.health, l.phase, l.running_release, l.running_bundle)
          is distinct from (r.health, r.phase, r.running_release, r.running_bundle) as turned,
        case
          when (p.running_release, p.running_bundle) = (p.release, p.bundle)
            and (l.running_release, l.running_bundle) is distinct from (p.release, p.bundle) then 'applied'
          when p.phase = 'failed' and l.phase is distinct from 'failed' then 'failed'
        end as to
    )
    select w.cluster, w.application, w.environment, w.release, w.to, w.turned, w.traceparent,
      extract(epoch from now() - w.assigned_at)::float8 as "sinceAssigned",
      extract(epoch from now() - r.created_at)::float8 as "sinceReleased"
    from written w join releases r on r.id = w.release where w.to is not null or w.is_news`.execute(transaction);
  return {
    turns: written.flatMap(({ to, turned: _, ...turn }) => (to === null ? [] : [{ ...turn, to }])),
    news: written,
  };
}

/** What an agent's full report does not name, it no longer holds. */
async function forget(transaction: Transaction<Schema>, rows: ReportRows['forgotten']): Promise<void> {
  await sql`
    update placements p set reported = null, reported_digest = null, reported_at = now(),
      health = null, phase = null, running_release = null, running_bundle = null
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (cluster text, named jsonb)
    where p.cluster = r.cluster and p.reported_digest is not null and not r.named ? p.application`.execute(transaction);
}

const driftColumns = sql.raw(
  'cluster, application, object_group, object_kind, object_namespace, object_name, field, wanted, found, manager, state, first_seen_at, ended_at',
);
const driftRecord = sql.raw(
  `(cluster text, application text, object_group text, object_kind text, object_namespace text, object_name text,
    field text, wanted text, found text, manager text, state text, first_seen_at timestamptz, ended_at timestamptz)`,
);
const driftKey = sql.raw(
  '(cluster, application, object_group, object_kind, object_namespace, object_name, field, first_seen_at)',
);

async function changeDrifts(transaction: Transaction<Schema>, rows: readonly DriftRow[]): Promise<void> {
  await sql`
    insert into drifts (${driftColumns})
    select ${driftColumns} from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r ${driftRecord}
    where exists (select from placements p where p.cluster = r.cluster and p.application = r.application)
    on conflict ${driftKey} do update set wanted = excluded.wanted, found = excluded.found,
      manager = excluded.manager, state = excluded.state, ended_at = excluded.ended_at`.execute(transaction);
}

/** Drift that a newer status no longer lists has gone without an event that said so. */
async function endUnlisted(
  transaction: Transaction<Schema>,
  statuses: readonly StatusRow[],
  standing: readonly DriftRow[],
): Promise<void> {
  const reports = statuses
    .filter(({ lists_all_drift }) => lists_all_drift)
    .map(({ cluster, application }) => ({ cluster, application }));
  if (reports.length === 0) return;
  await sql`
    update drifts d set state = 'gone', ended_at = now()
    from jsonb_to_recordset(${JSON.stringify(reports)}::jsonb) as r (cluster text, application text)
    where d.cluster = r.cluster and d.application = r.application and d.state in ('open', 'fought')
      and not exists (
        select from jsonb_to_recordset(${JSON.stringify(standing)}::jsonb) as s ${driftRecord}
        where s.cluster = d.cluster and s.application = d.application and s.object_group = d.object_group
          and s.object_kind = d.object_kind and s.object_namespace = d.object_namespace
          and s.object_name = d.object_name and s.field = d.field)`.execute(transaction);
}

async function openDrifts(transaction: Transaction<Schema>, rows: readonly DriftRow[]): Promise<void> {
  await sql`
    insert into drifts (${driftColumns})
    select ${driftColumns} from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r ${driftRecord}
    where exists (select from placements p where p.cluster = r.cluster and p.application = r.application)
    on conflict ${driftKey} do update set wanted = excluded.wanted, found = excluded.found,
      manager = excluded.manager, state = 'open', ended_at = null
    where drifts.state = 'gone'`.execute(transaction);
}

/** Each event once, however often it comes (L3); and how far each agent's epoch is stored. */
async function storeEvents(transaction: Transaction<Schema>, { events, positions }: ReportRows): Promise<void> {
  const { rows } = await sql<{ newest: number | null }>`
    with stored as (
      insert into events (at, cluster, application, environment, release, type, severity, message, data, epoch, sequence)
      select r.at, r.cluster, r.application, p.environment, r.release, r.type, r.severity, r.message, r.data, r.epoch, r.sequence
      from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as r
        (at timestamptz, cluster text, application text, release text, type text, severity text, message text,
         data jsonb, epoch text, sequence bigint)
      left join placements p on p.cluster = r.cluster and p.application = r.application
      order by r.cluster, r.sequence
      on conflict (cluster, epoch, sequence) where epoch is not null do nothing
      returning id
    ) select max(id) as newest from stored`.execute(transaction);
  await sql`
    update clusters c set epoch = r.epoch,
      events_stored = case when c.epoch = r.epoch then greatest(c.events_stored, r.through) else r.through end
    from jsonb_to_recordset(${JSON.stringify(positions)}::jsonb) as r (cluster text, epoch text, through bigint)
    where c.name = r.cluster`.execute(transaction);
  const newest = rows[0]?.newest ?? null;
  if (newest !== null) await publishNews(transaction, { type: 'event', event: newest });
}
