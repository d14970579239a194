import { type Kysely, sql } from 'kysely';
import type { Digest } from '../../core/canonical.ts';
import type { ClusterAllowance } from '../../core/cluster.ts';
import type { Assignment, ClusterBounds, DriftMode, TenantBounds } from '../../core/link/assignment.ts';
import { desiredState } from '../../core/link/desired-state.ts';
import type { KnownCluster } from '../../core/link/session.ts';
import { statusesDigest } from '../../core/link/status.ts';
import type { Schema } from '../store/schema.ts';

interface Row {
  readonly name: string;
  readonly epoch: string | null;
  readonly events_stored: number;
  readonly application: string | null;
  readonly release: string;
  readonly bundle: string;
  readonly generation: number;
  readonly environment: string;
  readonly drift_mode: DriftMode;
  readonly tenant: TenantBounds | null;
  readonly allow: ClusterAllowance | null;
  readonly prune_approved: boolean;
  readonly traceparent: string | null;
  readonly reported_digest: string | null;
}

/**
 * All that sessions need to know of their clusters, in one query for any number of them. A placement that is leaving
 * is still desired: it keeps running (G9). What the cluster may receive, and a person's word on deletions, are read where
 * they were written, so that they hold for every placement at once. The trace of one that runs what it is to run has come to its end.
 */
export async function readClusters(
  db: Kysely<Schema>,
  clusters: readonly string[],
): Promise<ReadonlyMap<string, KnownCluster>> {
  const { rows } = await sql<Row>`
    select c.name, c.epoch, c.events_stored, p.application, p.release, p.bundle, p.generation, p.environment,
           p.drift_mode, p.tenant, p.reported_digest, c.allow,
           exists (select from prune_approvals a where (a.environment, a.application, a.release)
             = (p.environment, p.application, p.release)) as prune_approved,
           case when (p.running_release, p.running_bundle) is distinct from (p.release, p.bundle) then p.traceparent end
             as traceparent
    from clusters c left join placements p on p.cluster = c.name
    where c.name = any(${clusters}::text[])`.execute(db);
  return new Map([...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => [name, toKnown(own)]));
}

function toKnown(rows: readonly Row[]): KnownCluster {
  const assignments: Assignment[] = [];
  const digests: [string, string][] = [];
  for (const row of rows) {
    if (row.application === null) continue;
    assignments.push(toAssignment(row, row.application));
    if (row.reported_digest !== null) digests.push([row.application, row.reported_digest]);
  }
  return {
    desired: desiredState(assignments),
    // Asked for at a greeting or a comparison alone.
    get statuses() {
      return statusesDigest(digests);
    },
    epoch: rows[0]?.epoch ?? null,
    eventsStored: rows[0]?.events_stored ?? 0,
  };
}

function toAssignment(row: Row, application: string): Assignment {
  const { release, bundle, generation, environment, drift_mode: drift, tenant, traceparent } = row;
  return {
    application,
    release,
    bundle: bundle as Digest,
    generation,
    environment,
    drift,
    tenant,
    allow: boundsOf(row.allow),
    pruneApproved: row.prune_approved,
    traceparent,
  };
}

function boundsOf(allow: ClusterAllowance | null): ClusterBounds | null {
  return allow === null ? null : { kinds: allow.kinds ?? ['*/*'], namespaces: allow.namespaces ?? ['*'] };
}
