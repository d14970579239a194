import { type Kysely, type Selectable, sql } from 'kysely';
import type { EnvironmentSpec } from '../../../core/kinds/environment.ts';
import { matches } from '../../../core/selector.ts';
import { parseSelector } from '../../../core/selector-text.ts';
import type { Cluster, ClusterQuery } from '../../../proto/rest/clusters.ts';
import type { Wait } from '../../../proto/rest/common.ts';
import { clusterLabels, labelsMatch } from '../../access/labels-in-sql.ts';
import { clusterVisible, environmentVisible, type Visibility } from '../../access/visibility.ts';
import { effectiveLabels } from '../../fleet/labels.ts';
import type { Schema } from '../../store/schema.ts';
import { countDrifts, countPlacements, healthCounts, noPlacements } from '../counts.ts';
import type { Slice } from '../pager.ts';
import { timeText, timeTextOrNull } from '../times.ts';

export type ClusterRow = Selectable<Schema['clusters']>;

/** Clusters by name. @throws FairwayError `selector-invalid` */
export async function listClusters(
  db: Kysely<Schema>,
  visibility: Visibility,
  query: ClusterQuery,
  { after, limit }: Slice,
): Promise<Cluster[]> {
  const environments = await loadEnvironments(db, visibility);
  let rows = db.selectFrom('clusters').selectAll().where(clusterVisible(visibility)).orderBy('name').limit(limit);
  if (after !== null) rows = rows.where('name', '>', String(after[0]));
  if (query.state !== undefined) rows = rows.where('state', '=', query.state);
  if (query.connected !== undefined) rows = rows.where('connected', '=', query.connected);
  if (query.labelSelector !== undefined)
    rows = rows.where(labelsMatch(parseSelector(query.labelSelector), clusterLabels));
  if (query.environment !== undefined) {
    const named = environments.find(({ name }) => name === query.environment);
    rows = rows.where(named === undefined ? sql<boolean>`false` : labelsMatch(named.spec.clusters, clusterLabels));
  }
  return describe(db, visibility, environments, await rows.execute());
}

/** One cluster, as the wire has it. */
export async function describeCluster(db: Kysely<Schema>, visibility: Visibility, row: ClusterRow): Promise<Cluster> {
  const [cluster] = await describe(db, visibility, await loadEnvironments(db, visibility), [row]);
  if (cluster === undefined) throw new Error('one row makes one cluster');
  return cluster;
}

/** The bare row; null where there is none that the caller may see. */
export async function findClusterRow(
  db: Kysely<Schema>,
  visibility: Visibility,
  name: string,
): Promise<ClusterRow | null> {
  const rows = db.selectFrom('clusters').selectAll().where('name', '=', name).where(clusterVisible(visibility));
  return (await rows.executeTakeFirst()) ?? null;
}

/** What people can change of a cluster: what its version is made of. */
export function editableOf({ name, labels, allow, state, cordoned_at, cordoned_reason, registered_at }: ClusterRow) {
  return {
    name,
    labels,
    allow,
    state,
    cordoned: timeTextOrNull(cordoned_at),
    cordoned_reason,
    registered: timeText(registered_at),
  };
}

interface DeclaredEnvironment {
  readonly name: string;
  readonly spec: EnvironmentSpec;
}

async function loadEnvironments(db: Kysely<Schema>, visibility: Visibility): Promise<DeclaredEnvironment[]> {
  const rows = await db
    .selectFrom('declarations')
    .select(['name', 'spec'])
    .where('kind', '=', 'Environment')
    .where(environmentVisible(visibility, 'declarations.name'))
    .orderBy('name')
    .execute();
  return rows.map(({ name, spec }) => ({ name, spec: spec as EnvironmentSpec }));
}

async function describe(
  db: Kysely<Schema>,
  visibility: Visibility,
  environments: readonly DeclaredEnvironment[],
  rows: readonly ClusterRow[],
): Promise<Cluster[]> {
  const names = rows.map(({ name }) => name);
  const [placements, drifts, tokens] = await Promise.all([
    countPlacements(db, visibility, 'cluster', names),
    countDrifts(db, visibility, 'cluster', names),
    joinTerms(db, names),
  ]);
  return rows.map((row) => {
    const labels = effectiveLabels(row);
    return {
      name: row.name,
      labels,
      declaredLabels: row.declared_labels,
      allow: row.allow,
      state: row.state,
      connected: row.connected,
      connectionSince: timeTextOrNull(row.connection_since),
      lastSeenAt: timeTextOrNull(row.last_seen_at),
      agentVersion: row.agent_version,
      kubernetesVersion: row.kubernetes_version,
      registeredAt: timeText(row.registered_at),
      joinedAt: timeTextOrNull(row.joined_at),
      cordon: row.cordoned_at === null ? null : { since: timeText(row.cordoned_at), reason: row.cordoned_reason },
      environments: environments.filter(({ spec }) => matches(spec.clusters, labels)).map(({ name }) => name),
      placements: healthCounts(placements.get(row.name) ?? noPlacements),
      drifts: drifts.get(row.name) ?? 0,
      wait: waitOf(row, tokens.get(row.name) ?? null),
    };
  });
}

/** When the join token that counts for a cluster was issued, and when it expires. */
interface JoinTerm {
  readonly issued: Date;
  readonly expires: Date;
}

async function joinTerms(db: Kysely<Schema>, names: readonly string[]): Promise<ReadonlyMap<string, JoinTerm>> {
  if (names.length === 0) return new Map();
  const rows = await db
    .selectFrom('join_tokens')
    .select(['cluster', ({ fn }) => fn.max('created_at').as('issued'), ({ fn }) => fn.max('expires_at').as('expires')])
    .where('cluster', 'in', names)
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .groupBy('cluster')
    .execute();
  return new Map(rows.map(({ cluster, ...term }) => [cluster, term]));
}

function waitOf(row: ClusterRow, term: JoinTerm | null): Wait | null {
  switch (row.state) {
    case 'registered': {
      if (term !== null) {
        const { issued, expires } = term;
        return { reason: 'the agent has not joined yet', since: timeText(issued), deadline: timeText(expires) };
      }
      const reason = `no join token is left: fairway cluster register ${row.name} --replace`;
      return { reason, since: timeText(row.registered_at), deadline: null };
    }
    case 'joined': {
      if (row.connected) return null;
      const since = row.last_seen_at ?? row.joined_at ?? row.registered_at;
      return { reason: 'the agent is not connected', since: timeText(since), deadline: null };
    }
    case 'revoked':
      return null;
  }
}
