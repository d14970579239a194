import { join } from 'node:path/posix';
import type { Kysely } from 'kysely';
import type { ApplicationSpec } from '../../core/kinds/application.ts';
import { applicationFile } from '../../core/kinds/kinds.ts';
import type { Declaration } from '../../core/kinds/parse.ts';
import { checkReferences } from '../../core/kinds/references.ts';
import type { Loop } from '../queue/loops.ts';
import { fleetSource } from '../sources/decide-sources.ts';
import { replaceProblems } from '../store/problems.ts';
import type { Schema } from '../store/schema.ts';
import { effectiveLabels } from './labels.ts';

/** The one key of the `check` loop. */
export const wholeFleet = 'fleet';

/**
 * The loop that looks for what is named and does not exist, and for selectors that match nothing, over the whole
 * fleet: after each commit that is taken, and each change of clusters. It only reports (G6).
 */
export function checkLoop(db: Kysely<Schema>): Loop {
  return {
    name: 'check',
    concurrency: 1,
    keys: async () => [wholeFleet],
    reconcile: async () => {
      const [sources, declarations, applications, clusters] = await Promise.all([
        db.selectFrom('sources').select('name').execute(),
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
        declarations.map((row) => ({ ...(row as Declaration), source: fleetSource })),
        applications.map((row) => ({
          ...row,
          spec: row.spec as ApplicationSpec,
          file: join(row.path, applicationFile),
        })),
        new Map(clusters.map((cluster) => [cluster.name, effectiveLabels(cluster)])),
      );
      for (const { name } of sources) {
        const own = problems.filter(({ source }) => source === name);
        await replaceProblems(db, `references:${name}`, own, { source: name, commit: null });
      }
      return undefined;
    },
  };
}
