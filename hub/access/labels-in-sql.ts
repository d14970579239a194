import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { LabelSelector, SelectorRequirement } from '../../core/selector.ts';

/** The labels that selectors see, for queries over `clusters`: those declared in Git win. */
export const clusterLabels: RawBuilder<unknown> = sql`(clusters.labels || coalesce(clusters.declared_labels, '{}'::jsonb))`;

/**
 * `matches` of core/selector.ts as a condition.
 * @param labels an expression of type jsonb
 */
export function labelsMatch(selector: LabelSelector, labels: RawBuilder<unknown>): RawBuilder<SqlBool> {
  const requirements: SelectorRequirement[] = [
    ...Object.entries(selector.matchLabels ?? {}).map(
      ([key, value]) => ({ key, operator: 'In', values: [value] }) as const,
    ),
    ...(selector.matchExpressions ?? []),
  ];
  const conditions = requirements.map((requirement) => meets(requirement, labels));
  return conditions.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`(${sql.join(conditions, sql` and `)})`;
}

function meets({ key, operator, values = [] }: SelectorRequirement, labels: RawBuilder<unknown>): RawBuilder<SqlBool> {
  switch (operator) {
    case 'In':
      return sql<SqlBool>`coalesce(${labels} ->> ${key}::text = any(${values}::text[]), false)`;
    case 'NotIn':
      return sql<SqlBool>`not coalesce(${labels} ->> ${key}::text = any(${values}::text[]), false)`;
    case 'Exists':
      return sql<SqlBool>`jsonb_exists(${labels}, ${key}::text)`;
    case 'DoesNotExist':
      return sql<SqlBool>`not jsonb_exists(${labels}, ${key}::text)`;
  }
}
