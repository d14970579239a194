import { sql, type Transaction } from 'kysely';
import type { Schema } from '../store/schema.ts';
import { listed } from './clusters-text.ts';
import type { Draft } from './draft.ts';

/** Milliseconds after which an agent that is not connected counts as silent: longer than a restart of anything takes. */
const silentAfter = 2 * 60_000;

interface Row {
  readonly cluster: string;
  readonly since: Date;
  readonly environments: readonly string[];
}

/**
 * Agents that fell silent, and those that came back: one notice for all that did so between two looks, for a network
 * that fails takes a thousand with it.
 * @param watchedSince milliseconds since the epoch: since when the hub could have heard them. What was silent for a
 *   hub that was away itself is not known to be.
 */
export async function findSilence(
  transaction: Transaction<Schema>,
  now: number,
  watchedSince: number,
): Promise<Draft[]> {
  if (now - watchedSince < silentAfter) return [];
  const fell = await sql<Row>`
    with fell as (
      insert into silences (cluster, since)
      select c.name, greatest(c.connection_since, c.last_seen_at, c.joined_at) from clusters c
      where c.state = 'joined' and not c.connected
        and greatest(c.connection_since, c.last_seen_at, c.joined_at) < ${new Date(now - silentAfter)}
      on conflict do nothing returning cluster, since
    ) select cluster, since, ${environmentsOf('fell')} from fell order by cluster`.execute(transaction);
  const returned = await sql<Row>`
    with back as (
      delete from silences s where not exists (
        select from clusters c where c.name = s.cluster and c.state = 'joined' and not c.connected)
      returning s.cluster, s.since
    ) select back.cluster, c.connection_since as since, ${environmentsOf('back')}
      from back join clusters c on c.name = back.cluster where c.connected order by back.cluster`.execute(transaction);
  return [
    ...draft(fell.rows, 'agent.silent', (rows) => {
      const since = rows[0]?.since.toISOString().slice(0, 16).replace('T', ' ');
      return rows.length === 1
        ? `the agent of ${rows[0]?.cluster} is silent since ${since} UTC`
        : `the agents of ${listed(rows.map(({ cluster }) => cluster))} are silent`;
    }),
    ...draft(returned.rows, 'agent.returned', (rows) =>
      rows.length === 1
        ? `the agent of ${rows[0]?.cluster} is back`
        : `the agents of ${listed(rows.map(({ cluster }) => cluster))} are back`,
    ),
  ];
}

/** The environments of what runs on a cluster. */
function environmentsOf(table: 'fell' | 'back') {
  return sql`array(select distinct p.environment from placements p where p.cluster = ${sql.ref(`${table}.cluster`)} order by 1) as environments`;
}

function draft(
  rows: readonly Row[],
  type: 'agent.silent' | 'agent.returned',
  say: (rows: readonly Row[]) => string,
): Draft[] {
  const [first] = rows;
  if (first === undefined) return [];
  const single = rows.length === 1 ? first.cluster : null;
  const at = first.since.toISOString();
  return [
    {
      key: `${type}:${first.cluster}:${at}`,
      type,
      subject: single === null ? 'clusters' : `cluster/${single}`,
      message: say(rows),
      at,
      environments: [...new Set(rows.flatMap(({ environments }) => environments))].sort(),
      application: null,
      cluster: single,
      release: null,
      facts: { clusters: rows.slice(0, 100).map(({ cluster }) => cluster), total: rows.length },
      origin: null,
    },
  ];
}
