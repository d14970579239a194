import { type Kysely, sql } from 'kysely';
import type { ApplicationStatus } from '../../../core/link/status.ts';
import type { ObjectRef } from '../../../core/objects/object.ts';
import { refKey } from '../../../core/objects/object.ts';
import type { ClusterResource } from '../../../proto/rest/clusters.ts';
import { placementVisible, type Visibility } from '../../access/visibility.ts';
import type { Schema } from '../../store/schema.ts';
import type { Slice } from '../pager.ts';

interface Row extends ObjectRef {
  readonly application: string;
  readonly release: string;
  readonly applied: boolean;
  readonly reported: ApplicationStatus | null;
}

/**
 * The objects of the bundles that run on a cluster (or are to run there, where nothing runs yet), with what the
 * agent says of those that are not well (L3): the others are as healthy as their application says.
 */
export async function listResources(
  db: Kysely<Schema>,
  visibility: Visibility,
  cluster: string,
  { after, limit }: Slice,
): Promise<ClusterResource[]> {
  const beyond =
    after === null
      ? sql`true`
      : sql`(application, o."group", o.kind, o.namespace, o.name) > (${sql.join(after.map((part) => sql`${part}::text`))})`;
  const { rows } = await sql<Row>`
    select application, coalesce(running_release, release) as release, running_bundle is not null as applied, reported,
      o."group", o.kind, o.namespace, o.name
    from placements
      join bundles on bundles.digest = coalesce(running_bundle, bundle)
      cross join lateral jsonb_to_recordset(bundles.objects) as o("group" text, kind text, namespace text, name text)
    where cluster = ${cluster} and ${placementVisible(visibility)} and ${beyond}
    order by application, o."group", o.kind, o.namespace, o.name
    limit ${limit}`.execute(db);
  return rows.map(describe);
}

function describe({ application, release, applied, reported, group, kind, namespace, name }: Row): ClusterResource {
  const object = { group, kind, namespace, name };
  const key = refKey(object);
  const problem = reported?.problems.find((candidate) => refKey(candidate.object) === key) ?? null;
  // The problems are cut off at a limit, so silence means health only while the list is whole.
  const whole = reported !== null && reported.counts.healthy === reported.counts.objects;
  return {
    application,
    release,
    object,
    health: problem?.health ?? (whole ? 'healthy' : null),
    problem: problem === null ? null : { code: problem.code, field: problem.field, message: problem.message },
    drifted: applied && (reported?.drifts.some((drift) => refKey(drift.object) === key) ?? false),
  };
}
