import { sql, type Transaction } from 'kysely';
import { canonicalJson } from '../../core/canonical.ts';
import type { TenantBounds } from '../../core/link/assignment.ts';
import type { AssignStep, PlacementStep } from '../../core/placement.ts';
import type { OpenSpan } from '../../telemetry/spans.ts';
import { type LedgerEntry, record } from '../audit/ledger.ts';
import { publishNews } from '../link/news-publish.ts';
import type { Schema } from '../store/schema.ts';

type AssignWrite = AssignStep & {
  readonly bundle: string;
  readonly commit: string;
  readonly traceparent: string | null;
};

/** An `assign` step whose bundle is rendered, or another step. */
export type PlacementWrite = AssignWrite | Exclude<PlacementStep, AssignStep>;

/** What clusters of one environment are given, and the trace that it came with. */
export type Carried = Pick<AssignWrite, 'release' | 'environment' | 'commit' | 'traceparent'>;

/**
 * Writes what changes, and only that: rows, generations, one ledger row a cluster (U1), and the news for the
 * replicas that hold the streams. All in the caller's transaction, which holds the application's lock.
 * @param openSpan called once for each release and environment of which something changes
 * @returns the clusters whose desired state changed
 */
export async function writePlacements(
  transaction: Transaction<Schema>,
  application: string,
  writes: readonly PlacementWrite[],
  openSpan: (of: Carried) => OpenSpan,
): Promise<readonly string[]> {
  const existing = new Map(
    (await transaction.selectFrom('placements').selectAll().where('application', '=', application).execute()).map(
      (row) => [row.cluster, row],
    ),
  );
  const assigned: AssignedRow[] = [];
  const left: { cluster: string; reason: string }[] = [];
  const removed: string[] = [];
  const ledger: LedgerEntry[] = [];
  const spans = new Map<string, { readonly span: OpenSpan; clusters: number }>();
  const traceparentOf = (write: Carried): string | null => {
    const key = `${write.release} ${write.environment}`;
    const opened = spans.get(key) ?? { span: openSpan(write), clusters: 0 };
    spans.set(key, opened);
    opened.clusters += 1;
    return opened.span.traceparent;
  };

  for (const write of writes) {
    const before = existing.get(write.cluster);
    const entry = {
      actor: 'hub',
      subject: `placement/${write.cluster}/${application}`,
      cluster: write.cluster,
      application,
    };
    if (write.type === 'leave') {
      if (before?.state !== 'active') continue;
      left.push({ cluster: write.cluster, reason: write.reason });
      ledger.push({
        ...entry,
        action: 'placement.leave',
        environment: before.environment,
        release: before.release,
        digestBefore: before.bundle,
        digestAfter: before.bundle,
        detail: { reason: write.reason },
      });
      continue;
    }
    if (write.type === 'remove') {
      if (before === undefined) continue;
      const { environment, release, bundle: digestBefore } = before;
      removed.push(write.cluster);
      ledger.push({ ...entry, action: 'placement.remove', environment, release, digestBefore });
      continue;
    }
    if (before !== undefined && isSame(before, write)) continue;
    assigned.push({
      cluster: write.cluster,
      environment: write.environment,
      state: write.removal ? 'leaving' : 'active',
      state_reason: write.removal ? removalReason : null,
      release: write.release,
      bundle: write.bundle,
      generation: (before?.generation ?? 0) + 1,
      drift_mode: write.drift,
      tenant: write.tenant,
      traceparent: traceparentOf(write),
    });
    ledger.push({
      ...entry,
      action: 'placement.assign',
      environment: write.environment,
      release: write.release,
      ...(before === undefined ? {} : { digestBefore: before.bundle }),
      digestAfter: write.bundle,
      commit: write.commit,
    });
  }

  for (const { span, clusters } of spans.values()) span.set({ 'fairway.clusters': clusters });
  if (assigned.length > 0) await upsert(transaction, application, assigned);
  if (left.length > 0) await markLeaving(transaction, application, left);
  if (removed.length > 0) await forget(transaction, application, removed);
  await record(transaction, ledger);

  // Leaving changes nothing that the agent is told: it keeps running what it runs (G9).
  const clusters = [...assigned.map(({ cluster }) => cluster), ...removed];
  await publishNews(transaction, { type: 'desired', clusters });
  return clusters;
}

const removalReason = 'it is being taken away';

interface AssignedRow {
  readonly cluster: string;
  readonly environment: string;
  readonly state: 'active' | 'leaving';
  readonly state_reason: string | null;
  readonly release: string;
  readonly bundle: string;
  readonly generation: number;
  readonly drift_mode: string;
  readonly tenant: TenantBounds | null;
  readonly traceparent: string | null;
}

interface ExistingRow {
  readonly environment: string;
  readonly release: string;
  readonly bundle: string;
  readonly state: string;
  readonly drift_mode: string;
  readonly tenant: TenantBounds | null;
}

function isSame(row: ExistingRow, write: AssignWrite): boolean {
  return (
    row.state === (write.removal ? 'leaving' : 'active') &&
    row.environment === write.environment &&
    row.release === write.release &&
    row.bundle === write.bundle &&
    row.drift_mode === write.drift &&
    canonicalJson(row.tenant) === canonicalJson(write.tenant)
  );
}

/** One statement for any number of clusters: the rows travel as one JSON parameter. */
async function upsert(
  transaction: Transaction<Schema>,
  application: string,
  rows: readonly AssignedRow[],
): Promise<void> {
  await sql`
    insert into placements as placement
      (cluster, application, environment, state, state_reason, release, bundle, generation, drift_mode, tenant, traceparent,
       assigned_at)
    select cluster, ${application}, environment, state, state_reason, release, bundle, generation, drift_mode, tenant,
      traceparent, now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as row (cluster text, environment text, state text, state_reason text, release text, bundle text, generation bigint, drift_mode text, tenant jsonb, traceparent text)
    on conflict (cluster, application) do update set
      environment = excluded.environment,
      state_since = case when placement.state = excluded.state then placement.state_since else now() end,
      state = excluded.state, state_reason = excluded.state_reason,
      release = excluded.release, bundle = excluded.bundle, generation = excluded.generation,
      drift_mode = excluded.drift_mode, tenant = excluded.tenant,
      traceparent = excluded.traceparent, assigned_at = now()`.execute(transaction);
}

async function markLeaving(
  transaction: Transaction<Schema>,
  application: string,
  rows: readonly { readonly cluster: string; readonly reason: string }[],
): Promise<void> {
  await sql`
    update placements set state = 'leaving', state_reason = row.reason, state_since = now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (cluster text, reason text)
    where placements.cluster = row.cluster and placements.application = ${application}`.execute(transaction);
}

/** Its agent has taken it away: nothing is known of it there any more. */
async function forget(
  transaction: Transaction<Schema>,
  application: string,
  clusters: readonly string[],
): Promise<void> {
  await sql`
    update drifts set state = 'gone', ended_at = now()
    where application = ${application} and cluster = any(${clusters}::text[]) and state in ('open', 'fought')`.execute(
    transaction,
  );
  await sql`
    delete from placements where application = ${application} and cluster = any(${clusters}::text[])`.execute(
    transaction,
  );
}
