import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditEntry, AuditQuery } from '../../../proto/rest/audit.ts';
import { applicationNamedVisible, clusterNamedVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';
import { parseTime, timeText } from '../times.ts';

/**
 * Rows of the ledger, newest first (U3). A bounded caller sees those that name one of its environments, or a cluster
 * in one, and an application of its tenants.
 */
export async function listAudit(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: AuditQuery,
  { after, limit }: Slice,
): Promise<AuditEntry[]> {
  const { environments, tenants } = visibility;
  let rows = db.selectFrom('ledger').selectAll().orderBy('id', 'desc').limit(limit);
  if (environments !== null) {
    const named = sql<boolean>`ledger.environment = any(${environments}::text[])`;
    const placed = sql<boolean>`(ledger.environment is null and ${clusterNamedVisible(visibility, 'ledger.cluster')})`;
    rows = rows.where(sql<boolean>`coalesce(${named} or ${placed}, false)`);
  }
  if (tenants !== null) {
    rows = rows.where(sql<boolean>`coalesce(${applicationNamedVisible(visibility, 'ledger.application')}, false)`);
  }
  if (after !== null) rows = rows.where('id', '<', Number(after[0]));
  for (const name of ['actor', 'action', 'subject', 'cluster', 'environment', 'application', 'release'] as const) {
    const value = query[name];
    if (value !== undefined) rows = rows.where(name, '=', value);
  }
  if (query.since !== undefined) rows = rows.where('at', '>=', parseTime(query.since, 'since'));
  if (query.until !== undefined) rows = rows.where('at', '<', parseTime(query.until, 'until'));
  return (await rows.execute()).map(describe);
}

function describe(row: Selectable<Schema['ledger']>): AuditEntry {
  return {
    id: row.id,
    at: timeText(row.at),
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    cluster: row.cluster,
    environment: row.environment,
    application: row.application,
    release: row.release,
    approvers: row.approvers ?? [],
    digestBefore: row.digest_before,
    digestAfter: row.digest_after,
    commit: row.commit,
    detail: row.detail,
  };
}
