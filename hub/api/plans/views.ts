import type { Change } from '../../../core/change/change.ts';
import type { Plan, PlanContent } from '../../../core/change/plan.ts';
import type { PlannedChange, PlanSummary, Plan as PlanView } from '../../../proto/rest/plans.ts';

/** Clusters that are named beside a change. */
const named = 100;

/**
 * A plan as the wire has it.
 * @param cluster only what changes there
 */
export function describePlan({ digest, content }: Plan, cluster?: string): PlanView {
  const { environment, application, kind, release, previous, failures } = content;
  return {
    ...summarisePlan({ digest, content }),
    ...{ environment, application, kind, release, previous },
    changes: describeChanges(content, cluster),
    failures: failures
      .filter(({ clusters }) => cluster === undefined || clusters.includes(cluster))
      .map(({ clusters, problem: { code, file, line, message, remedy } }) => ({
        ...{ clusters: [...clusters], code, file, line, message, remedy },
      })),
  };
}

/** How much a plan changes, over all clusters. */
export function summarisePlan({ digest, content }: Plan): PlanSummary {
  const { changes, groups, unchanged, failures } = content;
  const count = (...actions: Change['action'][]) =>
    changes.filter(({ change: { action } }) => actions.includes(action)).length;
  const sum = (lists: readonly { readonly clusters: readonly string[] }[]) =>
    lists.reduce((total, { clusters }) => total + clusters.length, 0);
  const changed = sum(groups);
  const failed = sum(failures);
  return {
    digest,
    clusters: { total: changed + unchanged.length + failed, changed, unchanged: unchanged.length, failed },
    created: count('create'),
    changed: count('change', 'rules'),
    deleted: count('delete'),
    kept: count('keep'),
  };
}

function describeChanges({ changes, groups }: PlanContent, cluster: string | undefined): PlannedChange[] {
  return changes.flatMap(({ change, groups: positions }) => {
    const clusters = positions.flatMap((position) => groups[position]?.clusters ?? []);
    if (cluster !== undefined && !clusters.includes(cluster)) return [];
    const names = clusters.sort().slice(0, named);
    return [{ ...describeChange(change), clusters: { total: clusters.length, names } }];
  });
}

function describeChange(change: Change): Omit<PlannedChange, 'clusters'> {
  const base = { action: change.action, object: null, encrypted: false, reason: null, fields: [] };
  switch (change.action) {
    case 'create':
      return { ...base, object: change.object, encrypted: change.encrypted };
    case 'change':
      return { ...base, object: change.object, encrypted: change.encrypted, fields: describeFields(change.fields) };
    case 'delete':
      return { ...base, object: change.object };
    case 'keep':
      return { ...base, object: change.object, reason: change.reason };
    case 'rules':
      return { ...base, fields: describeFields(change.fields) };
  }
}

function describeFields(fields: Extract<Change, { action: 'rules' }>['fields']): PlannedChange['fields'] {
  return fields.map(({ lines, ...field }) => ({ ...field, lines: lines === null ? null : [...lines] }));
}
