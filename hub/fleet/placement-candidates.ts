import { type Kysely, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import type { Candidate, PlacementTarget } from '../../core/placement.ts';
import type { Schema } from '../store/schema.ts';

interface Row {
  readonly name: string;
  readonly spec: EnvironmentSpec;
  readonly pinned: boolean;
  /** Of the release that is pinned, of the settled one: the former is not there while it cannot be made. */
  readonly pinned_spec: ApplicationSpec | null;
  readonly settled_spec: ApplicationSpec | null;
  readonly settled: string | null;
  /** The release that a removal has taken away since. */
  readonly removed: string | null;
}

/**
 * The environments that concern an application, with what is settled in each and what rollouts have handed to its
 * clusters since (G1). The release that is pinned, or where there is no pin the newest one, says for itself which
 * environments it is for.
 * @param newest null: the application is gone from Git, or has no release yet
 */
export async function loadCandidates(
  db: Kysely<Schema>,
  application: string,
  newest: string | null,
): Promise<Candidate[]> {
  const head =
    newest === null
      ? null
      : (((await db.selectFrom('releases').select('spec').where('id', '=', newest).executeTakeFirst())?.spec as
          | ApplicationSpec
          | undefined) ?? null);
  const rows = await readEnvironments(db, application);
  const given = await readGiven(db, application);
  return rows.map((row): Candidate => {
    const { name, spec, pinned, pinned_spec, settled_spec } = row;
    const says = pinned ? (pinned_spec ?? settled_spec ?? head) : head;
    const listed = says?.environments.includes(name) === true;
    return {
      environment: name,
      clusters: spec.clusters,
      drift: spec.drift,
      listed,
      wanted: listed && (pinned || spec.promotion.from.length === 0),
      settled: settledIn(row),
      given: given.get(name) ?? new Map(),
    };
  });
}

function settledIn({ settled, removed }: Row): PlacementTarget | null {
  if (settled !== null) return { release: settled, removal: false };
  return removed === null ? null : { release: removed, removal: true };
}

async function readEnvironments(db: Kysely<Schema>, application: string): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select d.name, d.spec, p.revision is not null as pinned, pinned.spec as pinned_spec, r.spec as settled_spec,
      s.release as settled, removal.release as removed
    from declarations d
    left join pins p on p.environment = d.name and p.application = ${application}
    left join releases pinned on pinned.application = ${application} and pinned.commit = p.revision
    left join settlements s on s.environment = d.name and s.application = ${application} and s.superseded_at is null
    left join releases r on r.id = s.release
    left join lateral (
      select o.release from rollouts o
      where o.environment = d.name and o.application = ${application} and o.state = 'completed' and o.kind = 'removal'
      order by o.id desc limit 1
    ) removal on s.release is null
    where d.kind = 'Environment' order by d.name`.execute(db);
  return rows;
}

interface GivenRow {
  readonly environment: string;
  readonly cluster: string;
  readonly release: string;
  readonly removal: boolean;
}

/**
 * What each cluster was handed last by a rollout that began after the one that settled, however that one ended: nothing
 * moves back because a rollout was ended or gave way to another (R2, R7).
 * @param by `ended`: what a rollout that is under way hands out is left aside
 * @returns by environment and cluster
 */
export async function readGiven(
  db: Kysely<Schema>,
  application: string,
  by: 'any' | 'ended' = 'any',
): Promise<ReadonlyMap<string, ReadonlyMap<string, PlacementTarget>>> {
  const { rows } = await sql<GivenRow>`
    with since as (
      select r.environment, max(r.id) as id from rollouts r
      where r.application = ${application} and r.state = 'completed' group by r.environment
    )
    select distinct on (r.environment, c.cluster) r.environment, c.cluster,
      case when c.given_back then r.previous else r.release end as release,
      r.kind = 'removal' and not c.given_back as removal
    from rollouts r join rollout_clusters c on c.rollout = r.id
    left join since on since.environment = r.environment
    where r.application = ${application} and r.id > coalesce(since.id, 0) and c.handed_out_at is not null
      and (${by === 'any'} or r.ended_at is not null)
    order by r.environment, c.cluster, r.id desc`.execute(db);
  const given = new Map<string, Map<string, PlacementTarget>>();
  for (const { environment, cluster, release, removal } of rows) {
    const clusters = given.get(environment) ?? new Map<string, PlacementTarget>();
    given.set(environment, clusters.set(cluster, { release, removal }));
  }
  return given;
}
