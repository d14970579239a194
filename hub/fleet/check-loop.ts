import type { Kysely } from 'kysely';
import type { Application, Declaration } from '../../core/kinds/parse.ts';
import { checkReferences } from '../../core/kinds/references.ts';
import type { Loop } from '../queue/loops.ts';
import { replaceProblems } from '../store/problems.ts';
import type { Schema } from '../store/schema.ts';
import { effectiveLabels } from './labels.ts';

/** The one key of the `check` loop. */
export const wholeFleet = 'fleet';

/**
 * The loop that looks for what is named and does not exist, and for selectors that match nothing, over the whole
 * fleet: after each change of declarations, applications or clusters. It only reports (G6).
 */
export function checkLoop(db: Kysely<Schema>): Loop {
  return {
    name: 'check',
    concurrency: 1,
    keys: async () => [wholeFleet],
    reconcile: async () => {
      const [declarations, applications, clusters] = await Promise.all([
        db.selectFrom('declarations').selectAll().execute(),
        db
          .selectFrom('applications')
          .selectAll()
          .where('removed_at', 'is', null)
          .where('spec', 'is not', null)
          .execute(),
        db
          .selectFrom('clusters')
          .select(['name', 'labels', 'declared_labels'])
          .where('state', '!=', 'revoked')
          .execute(),
      ]);
      const problems = checkReferences(
        declarations.map(
          ({ kind, name, labels, spec, file }) => ({ kind, name, labels, spec, file, line: 1 }) as Declaration,
        ),
        applications.map(
          ({ name, tenant, spec, path }) => ({ name, tenant, spec, file: `${path}/app.yaml` }) as Application,
        ),
        new Map(clusters.map((cluster) => [cluster.name, effectiveLabels(cluster)])),
      );
      await replaceProblems(db, 'fleet', problems);
      return undefined;
    },
  };
}
