import { sql, type Transaction } from 'kysely';
import { describeRef } from '../../core/objects/object.ts';
import type { Schema } from '../store/schema.ts';
import { listed } from './clusters-text.ts';
import type { Draft } from './draft.ts';

interface Row {
  readonly key: string;
  readonly id: number;
  readonly application: string;
  readonly environment: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly manager: string;
  readonly at: Date;
  readonly clusters: readonly string[];
}

/**
 * Fields that somebody else sets again and again (D3): one notice for each field, whoever fights over it on however
 * many clusters, once a day.
 */
export async function findFights(transaction: Transaction<Schema>): Promise<Draft[]> {
  const { rows } = await sql<Row>`
    select * from (
      select 'drift:' || md5(concat_ws('|', d.application, p.environment, d.object_group, d.object_kind,
          d.object_namespace, d.object_name, d.field, d.manager)) || ':' || to_char(now() at time zone 'utc', 'YYYY-MM-DD') as key,
        min(d.id) as id, d.application, p.environment, d.object_group as group, d.object_kind as kind,
        d.object_namespace as namespace, d.object_name as name, d.field, d.manager, min(d.first_seen_at) as at,
        array_agg(d.cluster order by d.cluster) as clusters
      from drifts d join placements p on p.cluster = d.cluster and p.application = d.application
      where d.state = 'fought'
      group by d.application, p.environment, d.object_group, d.object_kind, d.object_namespace, d.object_name, d.field, d.manager
    ) found where not exists (select from notices n where n.key = found.key)`.execute(transaction);
  return rows.map((row) => {
    const { key, id, application, environment, group, kind, namespace, name, field, manager, at, clusters } = row;
    const object = { group, kind, namespace, name };
    const what = `${field === '' ? '' : `${field} of `}${describeRef(object)}`;
    return {
      key,
      type: 'drift.fought',
      subject: `drift/${id}`,
      message: `${manager} changes ${what} (${application}) over and over on ${listed(clusters)}`,
      at: at.toISOString(),
      environments: [environment],
      application,
      cluster: clusters.length === 1 ? (clusters[0] ?? null) : null,
      release: null,
      facts: { object, field, manager, clusters: clusters.length },
      origin: null,
    };
  });
}
