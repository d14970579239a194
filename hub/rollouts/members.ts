import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import type { EnvironmentSpec } from '../../core/kinds/environment.ts';
import { nothingOf } from '../../core/rollout/nothing.ts';
import type { Facts } from '../../core/rollout/types.ts';
import type { Labels } from '../../core/selector.ts';
import { clusterLabels, labelsMatch } from '../access/labels-in-sql.ts';
import { isApplied, isCurrent, readLacks } from '../fleet/dependencies.ts';
import type { Schema } from '../store/schema.ts';

/** A cluster that belongs to an environment now, and how an application stands there. */
interface SeenMember extends Facts {
  readonly name: string;
  readonly labels: Labels;
}

export interface MembersQuestion {
  readonly environment: string;
  readonly application: string;
  /** Of the release: the environments that it is for, and what it depends on. */
  readonly spec: Pick<ApplicationSpec, 'environments' | 'dependsOn'>;
  /** Milliseconds without its agent after which a cluster counts as not reachable. */
  readonly silence: number;
  /** Of a removal: the clusters that it knows, for theirs are the placements that go away. Null: it is none. */
  readonly removedFrom: readonly string[] | null;
}

export interface SeenEnvironment {
  readonly spec: EnvironmentSpec;
  readonly members: readonly SeenMember[];
}

interface Row {
  readonly name: string;
  readonly labels: Labels;
  readonly cordoned: boolean;
  readonly silent_at: number | null;
  readonly release: string | null;
  readonly removal: boolean;
  readonly applied: boolean;
  readonly healthy: boolean;
  readonly ill: boolean;
  readonly message: string | null;
}

/**
 * The members of an environment for an application, as they are now. A cluster that two environments of the
 * application select belongs to neither of them. A removal is about every cluster that has the application from the
 * environment, whatever its labels have come to be (G9).
 * @returns null: the environment is declared no more
 */
export async function seeMembers(db: Kysely<Schema>, question: MembersQuestion): Promise<SeenEnvironment | null> {
  const { environment, application, spec, silence, removedFrom } = question;
  const declared = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Environment')
    .where('name', 'in', [environment, ...spec.environments])
    .execute();
  const own = declared.find(({ name }) => name === environment)?.spec as EnvironmentSpec | undefined;
  if (own === undefined) return null;
  const others = declared.filter(({ name }) => name !== environment).map((row) => row.spec as EnvironmentSpec);
  const isMember =
    removedFrom === null
      ? selects(own, others)
      : sql<SqlBool>`(p.cluster is not null or clusters.name = any(${removedFrom}::text[]))`;
  const rows = await readMembers(db, environment, application, isMember, silence);
  const blocked = await readLacks(db, spec.dependsOn);
  return { spec: own, members: rows.map((row) => ({ ...toSeen(row), blocked: blocked.get(row.name) ?? null })) };
}

function toSeen(row: Row): Omit<SeenMember, 'blocked'> {
  const { name, labels, cordoned, silent_at, release, removal, applied, healthy, ill, message } = row;
  const placement = release === null ? null : { release, removal, applied, well: applied && healthy, ill, message };
  return { name, labels, cordoned, silentAt: silent_at, placement };
}

/** True for the clusters that one environment selects, and none of the others. For queries over `clusters`. */
export function selects(own: EnvironmentSpec, others: readonly EnvironmentSpec[]): RawBuilder<SqlBool> {
  const apart = others.map(({ clusters }): RawBuilder<SqlBool> => sql`not ${labelsMatch(clusters, clusterLabels)}`);
  return sql<SqlBool>`(${sql.join([labelsMatch(own.clusters, clusterLabels), ...apart], sql` and `)})`;
}

async function readMembers(
  db: Kysely<Schema>,
  environment: string,
  application: string,
  isMember: RawBuilder<SqlBool>,
  silence: number,
): Promise<readonly Row[]> {
  const nothing = nothingOf(application).digest;
  const { rows } = await sql<Row>`
    select clusters.name, ${clusterLabels} as labels, clusters.cordoned_at is not null as cordoned,
      case when not clusters.connected
        then coalesce(extract(epoch from clusters.last_seen_at) * 1000 + ${silence}, 0)::float8 end as silent_at,
      p.release, coalesce(p.bundle = ${nothing}, false) as removal,
      coalesce(${isApplied}, false) as applied,
      coalesce(p.health = 'healthy', false) as healthy,
      coalesce(${isCurrent} and (p.phase = 'failed' or p.health = 'degraded'), false) as ill,
      case when ${isCurrent} then p.reported ->> 'message' end as message
    from clusters left join placements p
      on p.cluster = clusters.name and p.application = ${application} and p.environment = ${environment}
    where clusters.state <> 'revoked' and ${isMember}
    order by clusters.name`.execute(db);
  return rows;
}
